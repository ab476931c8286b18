package conformance;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** {@code check | verdicts FILE... | timing SECONDS FILE...}; started by the script {@code conformance/run}. */
public final class Main {
  private Main() {}

  /** Exit code 0: nothing to complain about; 1: findings (of {@code check} only). */
  public static void main(String[] args) throws IOException {
    Locale.setDefault(Locale.ENGLISH);
    Path root = Path.of(System.getProperty("conformance.root"));
    FhirContext context = FhirContext.forR4();
    context.setParserErrorHandler(new StrictErrorHandler());
    Definitions definitions = new Definitions(context);
    for (String archive : System.getProperty("conformance.packages").split(":")) {
      definitions.addPackage(Path.of(archive));
    }
    definitions.addAnswerLists(root.resolve("conformance/answer-lists.tsv"));
    definitions.addProfiles(Inputs.matching(root.resolve("profiles/generated"), ".*\\.json"));
    ReferenceValidator validator = new ReferenceValidator(context, definitions);
    switch (args[0]) {
      case "check" -> {
        definitions.standIns().forEach(url -> System.out.println("SKIPPED " + url + ": its base stands in no package that is here"));
        if (!new Check(validator, definitions.standIns(), root).run()) {
          System.exit(1);
        }
      }
      case "verdicts" -> Verdicts.run(validator, files(args, 1));
      case "timing" -> Timing.run(validator, files(args, 2), Integer.parseInt(args[1]));
      default -> throw new IllegalArgumentException("unknown mode " + args[0]);
    }
  }

  private static List<Path> files(String[] args, int first) {
    return Arrays.stream(args).skip(first).map(Path::of).toList();
  }
}
