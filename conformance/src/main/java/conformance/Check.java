package conformance;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/** Every golden Bundle and valid example without errors and without new warnings; every invalid example with an error. */
final class Check {
  private final ReferenceValidator validator;
  private final Set<String> standIns;
  private final Path root;
  private final AllowList warnings;
  private final AllowList disagreements;
  private final Map<String, Integer> newWarnings = new TreeMap<>();
  private final Set<String> skipped = new TreeSet<>();
  private int resources;
  private int errors;
  private int faults;

  Check(ReferenceValidator validator, Set<String> standIns, Path root) throws IOException {
    this.validator = validator;
    this.standIns = standIns;
    this.root = root;
    warnings = new AllowList(root.resolve("conformance/warnings.tsv"));
    disagreements = new AllowList(root.resolve("conformance/disagreements.tsv"));
  }

  /** Returns whether all is as it should be. */
  boolean run() throws IOException {
    for (Path file : Inputs.matching(root.resolve("tests/golden"), "expected.*\\.?bundle\\.json")) {
      mustBeValid(file);
    }
    Path examples = root.resolve("profiles/examples");
    for (Path file : Inputs.matching(examples, "valid-.*\\.json")) {
      mustBeValid(file);
    }
    for (Path file : Inputs.matching(examples, "invalid-.*\\.json")) {
      mustBeInvalid(file);
    }
    skipped.forEach(line -> System.out.println("SKIPPED " + line));
    newWarnings.forEach((warning, count) -> fault(count + " times a warning that warnings.tsv does not list: " + warning));
    warnings.unused().forEach(line -> fault("warnings.tsv has a line that matches nothing: " + line));
    disagreements.unused().forEach(line -> fault("disagreements.tsv has a line that matches nothing: " + line));
    warnings.uses().forEach(line -> System.out.println("warnings\t" + line));
    System.out.printf("conformance: %d resources, %d errors%s%n", resources, errors,
        faults == 0 ? "" : ", " + faults + " other faults");
    return resources > 0 && errors == 0 && faults == 0;
  }

  private void mustBeValid(Path file) throws IOException {
    String json = Files.readString(file);
    Set<String> claimed = claims(json);
    claimed.retainAll(standIns);
    claimed.forEach(profile -> skipped.add(name(file) + ": held against the plain R4 type instead of " + profile));
    resources += Inputs.resources(json);
    for (Finding finding : validator.validate(json)) {
      if (finding.isError()) {
        errors++;
        System.out.printf("ERROR %s %s: %s%n", name(file), finding.path(), finding.message());
      } else if (finding.isWarning() && !warnings.allows(finding.element(), finding.message())) {
        newWarnings.merge(finding.element() + "\t" + finding.message(), 1, Integer::sum);
      }
    }
  }

  private void mustBeInvalid(Path file) throws IOException {
    String json = Files.readString(file);
    Set<String> claimed = claims(json);
    claimed.retainAll(standIns);
    if (!claimed.isEmpty()) {
      disagreements.allows(name(file), "accepted");
      skipped.add(name(file) + ": cannot be judged without " + claimed);
      return;
    }
    resources += Inputs.resources(json);
    List<Finding> found = validator.validate(json).stream().filter(Finding::isError).toList();
    if (found.isEmpty() && !disagreements.allows(name(file), "accepted")) {
      fault("DISAGREEMENT " + name(file) + ": the reference validator finds no error");
    }
  }

  private void fault(String text) {
    faults++;
    System.out.println("FAULT " + text);
  }

  private String name(Path file) {
    return root.relativize(file).toString().replace('\\', '/');
  }

  private static Set<String> claims(String json) throws IOException {
    Set<String> claims = new TreeSet<>();
    for (JsonNode meta : Inputs.JSON.readTree(json).findValues("meta")) {
      StreamSupport.stream(meta.path("profile").spliterator(), false).forEach(profile -> claims.add(profile.asText().split("\\|", 2)[0]));
    }
    return claims;
  }
}
