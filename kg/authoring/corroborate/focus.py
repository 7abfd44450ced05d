"""Tells what a page of MedQuAD is about: the names of nodes, from the title in its `Focus`."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FRAME = re.compile(
    r"^What I need to know about |^Parasites - (?:Lice - )?|^Adult |^Childhood |\s*\([^)]*\)$| in (?:Adults|Children|Men)$", re.IGNORECASE
)
# Titles that are no name of what their page is about; read one by one.
_TITLES: dict[str, tuple[str, ...]] = {
    "Adrenal Insufficiency and Addison's Disease": ("adrenal insufficiency", "Addison's disease"),
    "Alcoholism and Alcohol Abuse": ("alcohol dependence",),
    "Am I at Risk for Type 2 Diabetes? Taking Steps to Lower Your Risk of Getting Diabetes": ("type 2 diabetes",),
    "Causes of Diabetes": ("diabetes",),
    "Childhood Acute Myeloid Leukemia and Other Myeloid Malignancies": ("acute myeloid leukaemia",),
    "Childhood Brain and Spinal Cord Tumors": ("brain tumour",),
    "Chlamydia Infections": ("chlamydia",),
    "Cholesterol": ("high cholesterol",),
    "Colonic Polyps": ("bowel polyps",),
    "Coronary Heart Disease Risk Factors": ("coronary artery disease",),
    "Dermatitis Herpetiformis: Skin Manifestation of Celiac Disease (For Health Care Professionals)": ("dermatitis herpetiformis",),
    "Diabetes Complications": ("diabetes",),
    "Diabetes Type 1": ("type 1 diabetes",),
    "Diabetes and Pregnancy": ("gestational diabetes",),
    "Diabetes mellitus type 1": ("type 1 diabetes",),
    "Diabetic Kidney Problems": ("diabetic kidney disease",),
    "Diabetic Nerve Problems": ("diabetic neuropathy",),
    "Diabetic Neuropathies: The Nerve Damage of Diabetes": ("diabetic neuropathy",),
    "Diagnosis of Diabetes and Prediabetes": ("diabetes", "prediabetes"),
    "Diverticulosis and Diverticulitis": ("diverticular disease",),
    "HIV/AIDS": ("HIV infection",),
    "Hearing Disorders and Deafness": ("hearing loss",),
    "High Blood Cholesterol": ("high cholesterol",),
    "Infectious Arthritis": ("septic arthritis",),
    "Insulin Resistance and Prediabetes": ("prediabetes",),
    "Kidney Disease of Diabetes": ("diabetic kidney disease",),
    "Kidney Failure: What to Expect": ("kidney failure",),
    "Lip and Oral Cavity Cancer": ("mouth cancer",),
    "Liver (Hepatocellular) Cancer": ("hepatocellular carcinoma", "liver cancer"),
    "Microscopic Colitis: Collagenous Colitis and Lymphocytic Colitis": ("microscopic colitis",),
    "Monkeypox Virus Infections": ("mpox",),
    "Ovarian Epithelial, Fallopian Tube, and Primary Peritoneal Cancer": ("ovarian cancer",),
    "Ovarian, Fallopian Tube, and Primary Peritoneal Cancer": ("ovarian cancer",),
    "Overweight and Obesity": ("obesity",),
    "Parasites - Lice - Pubic \"Crab\" Lice": ("pubic lice",),
    "Parasites - Taeniasis": ("tapeworm infection",),
    "Plasma Cell Neoplasms (Including Multiple Myeloma)": ("multiple myeloma",),
    "Pleurisy and Other Pleural Disorders": ("pleurisy",),
    "Pneumocystis Infections": ("pneumocystis pneumonia",),
    "Polio and Post-Polio Syndrome": ("polio",),
    "Prostate Enlargement: Benign Prostatic Hyperplasia": ("enlarged prostate",),
    "Psychotic Disorders": ("psychosis",),
    "Pyelonephritis: Kidney Infection": ("kidney infection",),
    "Renal Cell Cancer": ("renal cell carcinoma",),
    "Respiratory Distress Syndrome": ("respiratory distress syndrome of the newborn",),
    "Sexual and Urologic Problems of Diabetes": ("diabetes",),
    "Sprains and Strains": ("sprain",),
    "Swallowing Disorders": ("difficulty swallowing",),
    "Thrombocythemia and Thrombocytosis": ("high platelet count",),
    "Thymoma and Thymic Carcinoma": ("thymoma",),
    "Varicella (Chickenpox) Vaccination": ("chickenpox",),
    "What I need to know about Interstitial Cystitis/Painful Bladder Syndrome": ("interstitial cystitis",),
    "What I need to know about My Child's Urinary Tract Infection": ("urinary tract infection",),
    "Yellow Fever Vaccination": ("yellow fever",),
    "Your Guide to Diabetes: Type 1 and Type 2": ("diabetes",),
}  # fmt: skip


def focus_names(focus: str) -> Iterator[str]:
    """Yield what a page with this title is about, by names that nodes may bear.

    >>> list(focus_names("Adult Hodgkin Lymphoma"))
    ['Hodgkin Lymphoma']
    >>> list(focus_names("Colonic Polyps"))
    ['bowel polyps']
    """
    title = " ".join(focus.split())
    if title in _TITLES:
        yield from _TITLES[title]
    else:
        yield _FRAME.sub("", title)
