package conformance;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.Enumerations.PublicationStatus;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.r4.model.ValueSet;
import org.hl7.fhir.utilities.npm.NpmPackage;

/** StructureDefinitions, ValueSets and CodeSystems of the packages and of our own profiles. */
final class Definitions {
  private static final Set<String> USED = Set.of("StructureDefinition", "ValueSet", "CodeSystem");
  private static final String LOINC = "http://loinc.org";

  private final FhirContext context;
  private final PrePopulatedValidationSupport support;
  private final DefaultProfileValidationSupport core;
  private final List<ValueSet> valueSets = new ArrayList<>();
  private final Set<String> complete = new HashSet<>();
  private final Set<String> standIns = new TreeSet<>();

  Definitions(FhirContext context) {
    this.context = context;
    support = new PrePopulatedValidationSupport(context);
    core = new DefaultProfileValidationSupport(context);
  }

  void addPackage(Path archive) throws IOException {
    try (var in = Files.newInputStream(archive)) {
      var folder = NpmPackage.fromPackage(in).getFolders().get("package");
      for (String name : folder.listFiles()) {
        if (name.endsWith(".json")) {
          String json = new String(folder.getContent().get(name), StandardCharsets.UTF_8);
          if (USED.contains(Inputs.JSON.readTree(json).path("resourceType").asText())) {
            add(parse(json));
          }
        }
      }
    }
  }

  /** Adds a value set per answer list of a file of lines {@code list <tab> code}. */
  void addAnswerLists(Path file) throws IOException {
    Map<String, ValueSet> lists = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      if (!line.startsWith("#")) {
        String[] column = line.split("\t");
        lists.computeIfAbsent(column[0], Definitions::answerList).getCompose().getIncludeFirstRep().addConcept().setCode(column[1]);
      }
    }
    lists.values().forEach(this::add);
  }

  /** Adds our own definitions; those whose base stands in no package become stand-ins, see {@link #standIns}. */
  void addProfiles(List<Path> files) throws IOException {
    Map<String, StructureDefinition> profiles = new HashMap<>();
    for (Path file : files) {
      String json = Files.readString(file);
      if (USED.contains(Inputs.JSON.readTree(json).path("resourceType").asText())) {
        MetadataResource resource = parse(json);
        if (resource instanceof StructureDefinition profile) {
          profiles.put(profile.getUrl(), profile);
        } else {
          add(resource);
        }
      }
    }
    for (var profile : profiles.values()) {
      String missing = missingBase(profile, profiles);
      if (missing == null) {
        add(profile);
      } else {
        standIns.add(profile.getUrl());
        add(standIn(profile.getUrl(), profile));
        add(standIn(missing, profile));
      }
    }
  }

  /** Profiles of ours that could not be built: references to them and claims of them are held against the plain R4 type. */
  Set<String> standIns() {
    return standIns;
  }

  PrePopulatedValidationSupport support() {
    return support;
  }

  List<ValueSet> valueSets() {
    return valueSets;
  }

  /** Whether every code of the system is known here. */
  boolean isComplete(String system) {
    return complete.contains(system)
        || core.fetchCodeSystem(system) instanceof CodeSystem known && isComplete(known);
  }

  private static ValueSet answerList(String name) {
    var list = new ValueSet();
    list.setUrl(LOINC + "/vs/" + name).setName(name).setStatus(PublicationStatus.ACTIVE);
    list.getCompose().addInclude().setSystem(LOINC);
    return list;
  }

  private MetadataResource parse(String json) {
    return (MetadataResource) context.newJsonParser().parseResource(json);
  }

  private void add(MetadataResource resource) {
    support.addResource(resource);
    if (resource instanceof ValueSet valueSet) {
      valueSets.add(valueSet);
    } else if (resource instanceof CodeSystem system && isComplete(system)) {
      complete.add(system.getUrl());
    }
  }

  private static boolean isComplete(CodeSystem system) {
    return system.getContent() == CodeSystem.CodeSystemContentMode.COMPLETE;
  }

  /** The URL on the way down to R4 that nobody defines; null when there is none. */
  private String missingBase(StructureDefinition profile, Map<String, StructureDefinition> own) {
    String base = profile.getBaseDefinition().split("\\|", 2)[0];
    if (own.containsKey(base)) {
      return missingBase(own.get(base), own);
    }
    boolean known = support.fetchStructureDefinition(base) != null || core.fetchStructureDefinition(base) != null;
    return known ? null : base;
  }

  private static StructureDefinition standIn(String url, StructureDefinition profile) {
    var plain = new StructureDefinition();
    plain.setUrl(url).setName(profile.getName()).setStatus(profile.getStatus());
    plain.setKind(profile.getKind()).setAbstract(false).setType(profile.getType());
    plain.setBaseDefinition("http://hl7.org/fhir/StructureDefinition/" + profile.getType());
    plain.setDerivation(StructureDefinition.TypeDerivationRule.CONSTRAINT);
    plain.getDifferential().addElement().setPath(profile.getType()).setId(profile.getType());
    return plain;
  }
}
