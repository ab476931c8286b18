//! `impress-gateway`: see `impress-gateway --help`.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    impress_gateway::cli::run(std::env::args_os(), std::env::vars_os())
}
