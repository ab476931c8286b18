package conformance;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.ConceptValidationOptions;
import ca.uhn.fhir.context.support.ValidationSupportContext;
import java.util.Set;
import java.util.stream.Collectors;
import org.hl7.fhir.common.hapi.validation.support.BaseValidationSupport;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.ValueSet;

/**
 * Value sets that filter a code system of which no package has the codes, such as "is-a" over the Sequence Ontology.
 * HAPI 8.4.0 breaks down on them with a null pointer and says so in a warning; here the warning says what is not checked.
 */
final class OpenValueSets extends BaseValidationSupport {
  private final Set<String> urls;

  OpenValueSets(FhirContext context, Definitions definitions) {
    super(context);
    urls = definitions.valueSets().stream()
        .filter(set -> set.getCompose().getInclude().stream()
            .anyMatch(include -> include.hasFilter() && !definitions.isComplete(include.getSystem())))
        .map(ValueSet::getUrl)
        .collect(Collectors.toUnmodifiableSet());
  }

  @Override
  public boolean isValueSetSupported(ValidationSupportContext context, String url) {
    return urls.contains(bare(url));
  }

  @Override
  public CodeValidationResult validateCodeInValueSet(ValidationSupportContext context, ConceptValidationOptions options,
      String system, String code, String display, IBaseResource valueSet) {
    return valueSet instanceof ValueSet set ? validateCode(context, options, system, code, display, set.getUrl()) : null;
  }

  @Override
  public CodeValidationResult validateCode(ValidationSupportContext context, ConceptValidationOptions options,
      String system, String code, String display, String url) {
    if (!urls.contains(bare(url))) {
      return null;
    }
    String message = "Not checked: value set " + bare(url) + " filters a code system that is in no package";
    return new CodeValidationResult().setCode(code).setDisplay(display)
        .setSeverity(IssueSeverity.WARNING).setMessage(message)
        .addIssue(new CodeValidationIssue(message, IssueSeverity.WARNING,
            CodeValidationIssueCode.NOT_FOUND, CodeValidationIssueCoding.NOT_FOUND));
  }

  private static String bare(String url) {
    return url == null ? "" : url.split("\\|", 2)[0];
  }
}
