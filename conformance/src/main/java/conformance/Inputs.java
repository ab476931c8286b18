package conformance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where the inputs are, and how many resources they hold. */
final class Inputs {
  static final ObjectMapper JSON = new ObjectMapper();

  private Inputs() {}

  /** The files below the folder whose name matches, sorted; none when there is no such folder. */
  static List<Path> matching(Path folder, String name) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (var all = Files.walk(folder)) {
      return all.filter(file -> file.getFileName().toString().matches(name)).sorted().toList();
    }
  }

  /** The entries of a Bundle; 1 for any other text, also for one that is no JSON. */
  static int resources(String json) {
    try {
      JsonNode tree = JSON.readTree(json);
      return tree.path("resourceType").asText().equals("Bundle") ? tree.path("entry").size() : 1;
    } catch (IOException e) {
      return 1;
    }
  }
}
