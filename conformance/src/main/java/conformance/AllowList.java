package conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Lines {@code pattern <tab> pattern <tab> reason}, where {@code *} stands for any text; a line that is never used is an error of its own. */
final class AllowList {
  private static final class Line {
    final String text;
    final Pattern first;
    final Pattern second;
    int used;

    Line(String text, Pattern first, Pattern second) {
      this.text = text;
      this.first = first;
      this.second = second;
    }
  }

  private final List<Line> lines = new ArrayList<>();

  AllowList(Path file) throws IOException {
    for (String text : Files.readAllLines(file)) {
      if (text.isBlank() || text.startsWith("#")) {
        continue;
      }
      String[] column = text.split("\t");
      if (column.length != 3 || column[2].isBlank()) {
        throw new IOException(file + ": a line needs two patterns and a reason: " + text);
      }
      lines.add(new Line(text, glob(column[0]), glob(column[1])));
    }
  }

  /** Uses the first line that matches. */
  boolean allows(String first, String second) {
    for (Line line : lines) {
      if (line.first.matcher(first).matches() && line.second.matcher(second).matches()) {
        line.used++;
        return true;
      }
    }
    return false;
  }

  List<String> unused() {
    return lines.stream().filter(line -> line.used == 0).map(line -> line.text).toList();
  }

  /** How often each line was used. */
  List<String> uses() {
    return lines.stream().map(line -> line.used + "\t" + line.text).toList();
  }

  private static Pattern glob(String text) {
    return Pattern.compile(Stream.of(text.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
  }
}
