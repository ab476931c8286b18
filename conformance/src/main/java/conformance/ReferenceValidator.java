package conformance;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.validation.FhirValidator;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;

/** HAPI's instance validator over base R4 and the given definitions; it never opens a connection. */
final class ReferenceValidator {
  private final FhirValidator validator;

  ReferenceValidator(FhirContext context, Definitions definitions) {
    var memory = new InMemoryTerminologyServerValidationSupport(context);
    memory.setIssueSeverityForCodeDisplayMismatch(IssueSeverity.WARNING);
    // LOINC, SNOMED CT, HGNC and others stand in no package: a warning, for the allow-list, never an error.
    var unknown = new UnknownCodeSystemWarningValidationSupport(context);
    unknown.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
    var chain = new ValidationSupportChain(
        new OpenValueSets(context, definitions),
        new DefaultProfileValidationSupport(context),
        definitions.support(),
        memory,
        new CommonCodeSystemsTerminologyService(context),
        new SnapshotGeneratingValidationSupport(context),
        unknown);
    var module = new FhirInstanceValidator(chain);
    module.setErrorForUnknownProfiles(true);
    module.setAnyExtensionsAllowed(false);
    module.setBestPracticeWarningLevel(BestPracticeWarningLevel.Warning);
    validator = context.newValidator().registerValidatorModule(module);
  }

  /** Checks the resource against R4 and every profile that it claims. */
  List<Finding> validate(String json) {
    try {
      return validator.validateWithResult(json).getMessages().stream().map(Finding::of).toList();
    } catch (RuntimeException | StackOverflowError e) {
      return List.of(Finding.fatal(e));
    }
  }
}
