package conformance;

import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import java.util.regex.Pattern;

/** One message of the validator. {@code path} is FHIRPath from the root; {@code element} starts at the innermost resource, without indices. */
record Finding(ResultSeverityEnum severity, String id, String path, String element, String message) {
  private static final Pattern RESOURCE = Pattern.compile("/\\*(\\w+)/[^*]*\\*/");
  private static final Pattern CHOICE = Pattern.compile("\\.ofType\\(\\w+\\)");
  private static final Pattern UUID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  static Finding of(SingleValidationMessage m) {
    String location = CHOICE.matcher(m.getLocationString() == null ? "$" : m.getLocationString()).replaceAll("");
    String path = RESOURCE.matcher(location).replaceAll("");
    String element = location.replaceAll("\\[\\d+\\]", "").replaceAll("^.*/\\*(\\w+)/[^*]*\\*/", "$1");
    String message = UUID.matcher(m.getMessage()).replaceAll("<uuid>").replaceAll("\\s+", " ").strip();
    return new Finding(m.getSeverity(), m.getMessageId(), path, element, message);
  }

  /** A file that the validator could not read, or on which it broke down. */
  static Finding fatal(Throwable cause) {
    return new Finding(ResultSeverityEnum.FATAL, null, "$", "$", String.valueOf(cause));
  }

  boolean isError() {
    return severity == ResultSeverityEnum.ERROR || severity == ResultSeverityEnum.FATAL;
  }

  boolean isWarning() {
    return severity == ResultSeverityEnum.WARNING;
  }
}
