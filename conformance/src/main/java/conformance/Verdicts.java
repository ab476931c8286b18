package conformance;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** One JSON line per file, so that another program can set its own verdict beside it. */
final class Verdicts {
  private Verdicts() {}

  static void run(ReferenceValidator validator, List<Path> files) throws IOException {
    for (Path file : files) {
      List<Finding> findings;
      int resources = 1;
      try {
        String json = Files.readString(file);
        resources = Inputs.resources(json);
        findings = validator.validate(json);
      } catch (MalformedInputException e) {
        findings = List.of(Finding.fatal(e));
      }
      var line = Inputs.JSON.createObjectNode().put("file", file.toString()).put("resources", resources)
          .put("errors", findings.stream().filter(Finding::isError).count())
          .put("warnings", findings.stream().filter(Finding::isWarning).count());
      var issues = line.putArray("issues");
      findings.stream().filter(Finding::isError).forEach(finding -> issues.addObject()
          .put("severity", finding.severity().getCode()).put("id", finding.id())
          .put("path", finding.path()).put("message", finding.message()));
      System.out.println(Inputs.JSON.writeValueAsString(line));
    }
  }
}
