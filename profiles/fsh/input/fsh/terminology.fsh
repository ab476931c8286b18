CodeSystem: GatewayComponent
Id: gateway-component
Title: "Components"
Description: "Components of findings for which LOINC and Genomics Reporting have no code."
* ^caseSensitive = true
* ^content = #complete
* #affected-exon "Affected exon as reported"
* #breakpoint-1 "Breakpoint 1, GRCh37, 1-based"
* #breakpoint-2 "Breakpoint 2, GRCh37, 1-based"
* #coding-region-size "Size of the coding region"
* #direction-known "Whether the caller knows the direction of the fusion"
* #eligible-variants "Number of passing eligible variants"
* #finding-class "Class of finding"
* #five-prime-partner "5' partner of the fusion"
* #fold-change "Fold change of normalised coverage"
* #gene-1-reference-reads "Reference reads over breakpoint 1"
* #gene-2-reference-reads "Reference reads over breakpoint 2"
* #minor-copy-number "Copy number of the minor allele"
* #origin-method "Method by which the origin was decided"
* #percent-unstable-msi-sites "Unstable of usable microsatellite sites"
* #ploidy "Ploidy"
* #reference-reads "Reads of the reference transcript"
* #reported-gene-pair "Gene pair as reported"
* #reported-type "Type of change as reported"
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
