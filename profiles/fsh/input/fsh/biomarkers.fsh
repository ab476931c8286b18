Profile: ImpressBiomarker
Parent: GRBIO
Id: ImpressBiomarker
Title: "Biomarker"
Description: "Tumour mutational burden, microsatellite instability or genomic instability score."
* insert Gathered
* obeys impress-tmb-value and impress-msi-value and impress-gis-value and impress-msi-sites and impress-not-negative
* partOf 1..*
* category[geCategory] 1..1
* code from ImpressBiomarkerCode (required)
* value[x] only Quantity or CodeableConcept
* component[biomarker-category] 1..*
* component contains coding-region-size 0..1 and eligible-variants 0..1 and usable-msi-sites 0..1 and unstable-msi-sites 0..1 and percent-unstable-msi-sites 0..1 and sum-jsd 0..1 and tumor-fraction 0..1 and ploidy 0..1
* insert Of(coding-region-size, Quantity)
* insert Measured(coding-region-size)
* component[coding-region-size].valueQuantity = UCUM#1000000{Base}
* insert Of(eligible-variants, Quantity)
* insert Counted(eligible-variants)
* component[eligible-variants].valueQuantity = UCUM#{variants}
* insert Of(usable-msi-sites, Quantity)
* insert Counted(usable-msi-sites)
* component[usable-msi-sites].valueQuantity = UCUM#{sites}
* insert Of(unstable-msi-sites, Quantity)
* insert Counted(unstable-msi-sites)
* component[unstable-msi-sites].valueQuantity = UCUM#{sites}
* insert Of(percent-unstable-msi-sites, Quantity)
* component[percent-unstable-msi-sites] obeys impress-percent-range
* component[percent-unstable-msi-sites].valueQuantity.value 1..1
* component[percent-unstable-msi-sites].valueQuantity = UCUM#%
* insert Of(sum-jsd, Quantity)
* insert Measured(sum-jsd)
* insert Of(tumor-fraction, Quantity)
* insert Measured(tumor-fraction)
* component[tumor-fraction].valueQuantity.system = "http://unitsofmeasure.org"
* insert Of(ploidy, Quantity)
* insert Measured(ploidy)
* component[ploidy].valueQuantity = UCUM#1
