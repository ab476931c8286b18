CodeSystem: GatewayComponent
Id: gateway-component
Title: "Components"
Description: "Components of findings for which LOINC and Genomics Reporting have no code."
* ^caseSensitive = true
* ^content = #complete
* #affected-exon "Affected exon as reported"
* #breakpoint-1 "Breakpoint 1, GRCh37, 1-based"
* #breakpoint-2 "Breakpoint 2, GRCh37, 1-based"
* #class-judgement "Class judgement of the laboratory's curators"
* #coding-region-size "Size of the coding region"
* #curation-filter "Filter that points the curators to a property of the call"
* #direction-known "Whether the caller knows the direction of the fusion"
* #eligible-variants "Number of passing eligible variants"
* #finding-class "Class of finding"
* #five-prime-partner "5' partner of the fusion"
* #fold-change "Fold change of normalised coverage"
* #gene-1-reference-reads "Reference reads over breakpoint 1"
* #gene-2-reference-reads "Reference reads over breakpoint 2"
* #igv-qc "Verdict on the reads of the call"
* #minor-copy-number "Copy number of the minor allele"
* #origin-method "Method by which the origin was decided"
* #percent-unstable-msi-sites "Unstable of usable microsatellite sites"
* #ploidy "Ploidy"
* #putative-clonal-haematopoiesis "Perhaps of blood cells and not of the tumour"
* #reference-reads "Reads of the reference transcript"
* #reported-gene-pair "Gene pair as reported"
* #reported-type "Type of change as reported"
* #reporting-judgement "Why the laboratory reports the finding"
* #run-qc "Whether the curators checked the call"
* #sum-jsd "Sum of Jensen-Shannon distances"
* #supporting-reads "Reads that support the finding"
* #three-prime-partner "3' partner of the fusion"
* #total-read-depth "Total read depth at the position, all alleles"
* #tumor-fraction "Tumour fraction"
* #unstable-msi-sites "Unstable microsatellite sites"
* #usable-msi-sites "Usable microsatellite sites"

CodeSystem: GatewayBiomarker
Id: gateway-biomarker
Title: "Biomarkers"
Description: "Biomarkers for which LOINC has no code."
* ^caseSensitive = true
* ^content = #complete
* #genomic-instability-score "Genomic instability score"

CodeSystem: GatewayFindingClass
Id: gateway-finding-class
Title: "Classes of findings"
Description: "Classes of findings that the Sequence Ontology does not tell apart."
* ^caseSensitive = true
* ^content = #complete
* #loss-of-heterozygosity "Loss of heterozygosity"

CodeSystem: GatewayCuration
Id: gateway-curation
Title: "Curation"
Description: "Values of the curation columns of the small variant table of TSOPPI 0.3 (Class_judgement, Reporting_judgement, IGV_QC, Run_QC, Filters)."
* ^caseSensitive = true
* ^content = #complete
* #include "Included"
* #exclude "Excluded"
* #SOM "Somatic"
* #LikSOM "Likely somatic"
* #LikGL "Likely germline"
* #incon "Inconclusive"
* #BioMar "Biomarker"
* #VUSpot "Variant of uncertain significance with potential"
* #AddRes "Additional result"
* #GLrel "Germline, relevant"
* #OK "The reads support the call"
* #not-ok "The reads do not support the call"
* #qc-done "Quality control done"
* #HET_VAF_RANGE "Allele frequency within 0.5 +/- 0.15"
* #germline_population "Known from germline populations"
* #recurrent_germline "Recurrent in normal samples of the laboratories"
* #recurrent_artifact "Recurrent in tumour samples of the laboratories"
* #LOW_TUMOR_DP "Read depth under 20"
* #LOW_TUMOR_VAF "Allele frequency under 0.02"
* #HIGH_TUMOR_VAF "Allele frequency over 0.98"
* #LOW_VAF_RATIO "Ratio of allele frequencies in tumour and normal sample under 5"
* #NO_NORMAL_COVERAGE "No coverage in the matched normal sample"
* #normal_origin "Seen only in the matched normal sample"

CodeSystem: GatewayPcgrTier
Id: gateway-pcgr-tier
Title: "Tiers of PCGR 1"
Description: "Tiers of the Personal Cancer Genome Reporter, version 1, as TSOPPI writes them. They are neither the tiers of PCGR 2 nor those of AMP, ASCO and CAP. A coding names the version of PCGR that gave the tier."
* ^caseSensitive = true
* ^content = #complete
* #TIER_1 "Variant of strong clinical significance"
* #TIER_2 "Variant of potential clinical significance"
* #TIER_3 "Variant of uncertain clinical significance"
* #TIER_4 "Other coding variant"
* #TNC "Noncoding variant"

RuleSet: PathogenicityClasses
* ^caseSensitive = true
* ^content = #complete
* #Pathogenic "Pathogenic"
* #Likely_Pathogenic "Likely pathogenic"
* #VUS "Variant of uncertain significance"
* #Likely_Benign "Likely benign"
* #Benign "Benign"

CodeSystem: GatewayCpsrAcmgClass
Id: gateway-cpsr-acmg-class
Title: "ACMG classes of CPSR"
Description: "Classes that the Cancer Predisposition Sequencing Reporter, version 1, gives by its own refined ACMG criteria. A coding names the version of CPSR."
* insert PathogenicityClasses

CodeSystem: GatewayCpsrClinvarClass
Id: gateway-cpsr-clinvar-class
Title: "ClinVar classes of CPSR"
Description: "Classes of ClinVar as the Cancer Predisposition Sequencing Reporter, version 1, groups and carries them. A coding names the version of CPSR."
* insert PathogenicityClasses

CodeSystem: GatewayTmbCategory
Id: gateway-tmb-category
Title: "TMB categories"
Description: "Categories of the configured policy; a deployment may have others."
* ^caseSensitive = true
* ^content = #fragment
* #low "Low"
* #intermediate "Intermediate"
* #high "High"

CodeSystem: GatewayMsiCategory
Id: gateway-msi-category
Title: "MSI categories"
Description: "Categories of the configured policy; a deployment may have others."
* ^caseSensitive = true
* ^content = #fragment
* #stable "Stable"
* #likely-unstable "Likely unstable"
* #unstable "Unstable"

ValueSet: ImpressBiomarkerCode
Id: impress-biomarker-code
Title: "Biomarkers"
Description: "Biomarkers that the gateway knows: tumour mutational burden, microsatellite instability, genomic instability score."
* LNC#94076-7
* LNC#81695-9
* GWB#genomic-instability-score

ValueSet: ImpressImplicationCode
Id: impress-implication-code
Title: "Implications"
Description: "Diagnostic and therapeutic implication."
* TBD#diagnostic-implication
* TBD#therapeutic-implication

ValueSet: ImpressEcog
Id: impress-ecog
Title: "ECOG performance status"
Description: "Answers 0 to 5 of LOINC 89247-1 (LL529-9)."
* LNC#LA9622-7
* LNC#LA9623-5
* LNC#LA9624-3
* LNC#LA9625-0
* LNC#LA9626-8
* LNC#LA9627-6
