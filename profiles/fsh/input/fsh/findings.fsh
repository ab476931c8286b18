RuleSet: Of(code, type)
* component[{code}].code = GWC#{code}
* component[{code}].value[x] 1..1
* component[{code}].value[x] only {type}

RuleSet: Counted(code)
* component[{code}] obeys impress-count
* component[{code}].valueQuantity.value 1..1
* component[{code}].valueQuantity.comparator 0..0

RuleSet: Measured(code)
* component[{code}] obeys impress-not-negative
* component[{code}].valueQuantity.value 1..1

RuleSet: Gathered
* subject 1..1
* subject only Reference(Patient)
* performer only Reference(Organization or Practitioner or PractitionerRole)
* specimen 1..1

RuleSet: Finding
* insert Gathered
* partOf 1..*
* value[x] 1..1
* value[x] only CodeableConcept
* obeys impress-one-answer
* component[reference-sequence-assembly] 1..1
* component[gene-studied] obeys impress-one-gene
* component[exact-start-end] obeys impress-position
* component[outer-start-end] obeys impress-position
* component[inner-start-end] obeys impress-position

RuleSet: VafRange
* component[sample-allelic-frequency] obeys impress-vaf-range
* component[sample-allelic-frequency].value[x] 1..1
* component[sample-allelic-frequency].valueQuantity.value 1..1
* component[sample-allelic-frequency].valueQuantity.comparator 0..0
* component[sample-allelic-frequency].valueQuantity.system 1..1
* component[sample-allelic-frequency].valueQuantity.code 1..1
* component[sample-allelic-frequency].valueQuantity.code = #1

Profile: ImpressVariant
Parent: GRVAR
Id: ImpressVariant
Title: "Small variant"
Description: "A substitution, small insertion or deletion."
* insert Finding
* obeys impress-variant-defined and impress-coordinate-system and impress-allele-depth and impress-not-total-depth
* insert VafRange
* component[gene-studied] 0..1
* component[chromosome-identifier] 0..1
* component[copy-number] 0..0
* component[inner-start-end] 0..0
* component[outer-start-end] 0..0
* component[exact-start-end].value[x] 1..1
* component[exact-start-end].valueRange.low 1..1
* component[ref-allele].value[x] 1..1
* component[alt-allele].value[x] 1..1
* component[allelic-read-depth].value[x] 1..1
* insert Counted(allelic-read-depth)
* component[allelic-read-depth].valueQuantity = UCUM#{reads}
* component contains total-read-depth 0..1 and origin-method 0..1 and putative-clonal-haematopoiesis 0..1 and affected-exon 0..1 and class-judgement 0..* and reporting-judgement 0..* and igv-qc 0..* and run-qc 0..* and curation-filter 0..*
* insert Of(total-read-depth, Quantity)
* insert Counted(total-read-depth)
* component[total-read-depth].valueQuantity = UCUM#{reads}
* insert Of(origin-method, string)
* insert Of(putative-clonal-haematopoiesis, boolean)
* insert Of(affected-exon, string)
* insert Of(class-judgement, CodeableConcept)
* insert Of(reporting-judgement, CodeableConcept)
* insert Of(igv-qc, CodeableConcept)
* insert Of(run-qc, CodeableConcept)
* insert Of(curation-filter, CodeableConcept)

Profile: ImpressCopyNumber
Parent: GRVAR
Id: ImpressCopyNumber
Title: "Copy number"
Description: "Gain or loss of a gene. A fold change is not a copy number."
* insert Finding
* obeys impress-copy-number-stated and impress-fold-change
* component[gene-studied] 0..1
* component[exact-start-end] 0..0
* component[sample-allelic-frequency] 0..0
* component[allelic-read-depth] 0..0
* component[copy-number].value[x] 1..1
* insert Measured(copy-number)
* component contains fold-change 0..1 and reported-type 0..1
* insert Of(fold-change, Quantity)
* insert Measured(fold-change)
* component[fold-change].valueQuantity = UCUM#1
* insert Of(reported-type, string)

Profile: ImpressExonCopyNumber
Parent: GRVAR
Id: ImpressExonCopyNumber
Title: "Exon copy number"
Description: "Gain or loss of exons of a gene."
* insert Finding
* obeys impress-copy-number-stated and impress-fold-change and impress-coordinate-system
* component[gene-studied] 0..1
* component[exact-start-end] 0..0
* component[sample-allelic-frequency] 0..0
* component[allelic-read-depth] 0..0
* component[outer-start-end].value[x] 1..1
* component contains fold-change 0..1 and reported-type 0..1 and affected-exon 0..1
* insert Of(fold-change, Quantity)
* insert Measured(fold-change)
* component[fold-change].valueQuantity = UCUM#1
* insert Of(reported-type, string)
* insert Of(affected-exon, string)

Profile: ImpressLossOfHeterozygosity
Parent: GRVAR
Id: ImpressLossOfHeterozygosity
Title: "Loss of heterozygosity"
Description: "Loss of heterozygosity of a gene."
* insert Finding
* obeys impress-minor-copy-number
* component[gene-studied] 0..1
* component[exact-start-end] 0..0
* component[sample-allelic-frequency] 0..0
* component[allelic-read-depth] 0..0
* component[copy-number].value[x] 1..1
* insert Measured(copy-number)
* component contains finding-class 1..1 and minor-copy-number 0..1
* insert Of(finding-class, CodeableConcept)
* component[finding-class].valueCodeableConcept = GWF#loss-of-heterozygosity
* insert Of(minor-copy-number, Quantity)
* insert Measured(minor-copy-number)
* component[minor-copy-number].valueQuantity = UCUM#1

Profile: ImpressFusion
Parent: GRVAR
Id: ImpressFusion
Title: "Fusion"
Description: "A gene fusion. It has a designation only where the caller knows the direction."
* insert Finding
* obeys impress-fusion-direction and impress-fusion-no-direction and impress-fusion-change-type
* insert VafRange
* component[gene-studied] 1..*
* component[allelic-read-depth] 0..0
* component[copy-number] 0..0
* component contains gene-fusion 0..1 and direction-known 1..1 and five-prime-partner 0..* and three-prime-partner 0..* and reported-gene-pair 0..1 and breakpoint-1 0..1 and breakpoint-2 0..1 and supporting-reads 0..1 and gene-1-reference-reads 0..1 and gene-2-reference-reads 0..1
* component[gene-fusion] obeys impress-fusion-designation
* component[gene-fusion].code = LNC#95123-6
* component[gene-fusion].value[x] 1..1
* component[gene-fusion].value[x] only CodeableConcept
* component[gene-fusion].valueCodeableConcept.text 1..1
* insert Of(direction-known, boolean)
* insert Of(five-prime-partner, CodeableConcept)
* component[five-prime-partner] obeys impress-one-gene
* insert Of(three-prime-partner, CodeableConcept)
* component[three-prime-partner] obeys impress-one-gene
* insert Of(reported-gene-pair, string)
* insert Of(breakpoint-1, string)
* insert Of(breakpoint-2, string)
* insert Of(supporting-reads, Quantity)
* insert Counted(supporting-reads)
* component[supporting-reads].valueQuantity = UCUM#{reads}
* insert Of(gene-1-reference-reads, Quantity)
* insert Counted(gene-1-reference-reads)
* component[gene-1-reference-reads].valueQuantity = UCUM#{reads}
* insert Of(gene-2-reference-reads, Quantity)
* insert Counted(gene-2-reference-reads)
* component[gene-2-reference-reads].valueQuantity = UCUM#{reads}

Profile: ImpressSplice
Parent: GRVAR
Id: ImpressSplice
Title: "Splice variant"
Description: "A splice variant seen in RNA."
* insert Finding
* component[gene-studied] 0..1
* component[exact-start-end] 0..0
* component[sample-allelic-frequency] 0..0
* component[allelic-read-depth] 0..0
* component[copy-number] 0..0
* component contains breakpoint-1 0..1 and breakpoint-2 0..1 and affected-exon 0..1 and supporting-reads 0..1 and reference-reads 0..1
* insert Of(breakpoint-1, string)
* insert Of(breakpoint-2, string)
* insert Of(affected-exon, string)
* insert Of(supporting-reads, Quantity)
* insert Counted(supporting-reads)
* component[supporting-reads].valueQuantity = UCUM#{reads}
* insert Of(reference-reads, Quantity)
* insert Counted(reference-reads)
* component[reference-reads].valueQuantity = UCUM#{reads}

Profile: ImpressMolecularConsequence
Parent: GRCONS
Id: ImpressMolecularConsequence
Title: "Molecular consequence"
Description: "What a finding does to the gene product."
* insert Gathered
* partOf 1..*
* component 1..*

Profile: ImpressImplication
Parent: GRBASE
Id: ImpressImplication
Title: "Implication"
Description: "Diagnostic or therapeutic meaning of findings, on a named scale with its version."
* ^abstract = false
* subject 1..1
* subject only Reference(Patient)
* code from ImpressImplicationCode (required)
* component 1..*
* component[evidence-level].valueCodeableConcept.coding 1..*
* component[evidence-level].valueCodeableConcept.coding.system 1..1
* component[evidence-level].valueCodeableConcept.coding.version 1..1
* component[evidence-level].valueCodeableConcept.coding.code 1..1
* component[clinical-significance].valueCodeableConcept.coding 1..*
* component[clinical-significance].valueCodeableConcept.coding.system 1..1
* component[clinical-significance].valueCodeableConcept.coding.version 1..1
* component[clinical-significance].valueCodeableConcept.coding.code 1..1
