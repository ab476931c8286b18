package conformance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Microseconds per resource once the compiler of the virtual machine has settled; parsing included, as in our own figure. */
final class Timing {
  private static final int ROUNDS = 7;

  private Timing() {}

  /** Prints one JSON line per file and one for all; {@code warmSeconds} of CPU on the same work come before. */
  static void run(ReferenceValidator validator, List<Path> files, int warmSeconds) throws IOException {
    List<String> texts = new ArrayList<>();
    for (Path file : files) {
      texts.add(Files.readString(file));
    }
    texts.forEach(validator::validate);
    double start = ManagementFactory.getRuntimeMXBean().getUptime();
    // CPU, not wall clock: on a busy machine a process of low priority would hardly be warm otherwise.
    long end = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() + warmSeconds * 1_000_000_000L;
    while (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() < end) {
      texts.forEach(validator::validate);
    }
    int resources = 0;
    double wall = 0;
    double cpu = 0;
    for (int i = 0; i < texts.size(); i++) {
      int count = Inputs.resources(texts.get(i));
      double[] median = median(validator, texts.get(i));
      print(Inputs.JSON.createObjectNode().put("file", files.get(i).toString()), count, median[0], median[1]);
      resources += count;
      wall += median[0];
      cpu += median[1];
    }
    var total = Inputs.JSON.createObjectNode().put("files", texts.size()).put("warm_seconds", warmSeconds)
        .put("first_answers_ms", Math.round(start))
        .put("heap_mb", ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted() >> 20);
    print(total, resources, wall, cpu);
  }

  private static double[] median(ReferenceValidator validator, String text) {
    var threads = ManagementFactory.getThreadMXBean();
    double[] wall = new double[ROUNDS];
    double[] cpu = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long cpuStart = threads.getCurrentThreadCpuTime();
      long wallStart = System.nanoTime();
      validator.validate(text);
      wall[round] = (System.nanoTime() - wallStart) / 1e3;
      cpu[round] = (threads.getCurrentThreadCpuTime() - cpuStart) / 1e3;
    }
    Arrays.sort(wall);
    Arrays.sort(cpu);
    return new double[] {wall[ROUNDS / 2], cpu[ROUNDS / 2]};
  }

  private static void print(ObjectNode line, int resources, double wall, double cpu) throws IOException {
    line.put("resources", resources).put("us", Math.round(wall)).put("cpu_us", Math.round(cpu))
        .put("us_per_resource", Math.round(wall / Math.max(1, resources)))
        .put("cpu_us_per_resource", Math.round(cpu / Math.max(1, resources)));
    System.out.println(Inputs.JSON.writeValueAsString(line));
  }
}
