"""The types of domain 2.2: severity, letter of the HIPAA Safe Harbor list (45 CFR 164.514(b)(2)), words for editors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PhiType:
    code: str
    severity: str
    hipaa: str
    label: str
    placeholder: str


def _type(code: str, severity: str, hipaa: str, label: str, placeholder: str = "") -> tuple[str, PhiType]:
    return code, PhiType(code, severity, hipaa, label, f"[{placeholder or label + ' removido'}]")


TYPES: dict[str, PhiType] = dict(
    (
        _type("cpf", "S4", "R", "CPF"),
        _type("cns", "S4", "I", "Cartão Nacional de Saúde", "CNS removido"),
        _type("rg", "S4", "K", "RG"),
        _type("cnh", "S4", "K", "CNH", "CNH removida"),
        _type("voter_id", "S4", "K", "Título de eleitor"),
        _type("pis", "S4", "R", "PIS/PASEP/NIS", "PIS removido"),
        _type("ssn", "S4", "G", "Social Security Number", "SSN removido"),
        _type("medical_record", "S4", "H", "Número de prontuário", "prontuário removido"),
        _type("health_plan_card", "S4", "I", "Carteirinha do plano de saúde", "carteirinha removida"),
        _type("bank_account", "S4", "J", "Conta bancária", "conta bancária removida"),
        _type("pix_key", "S4", "J", "Chave Pix", "chave Pix removida"),
        _type("person_name", "S3", "A", "Nome de paciente", "nome removido"),
        _type("initials", "S1", "A", "Iniciais de paciente", "iniciais removidas"),
        _type("phone", "S3", "D", "Telefone"),
        _type("email", "S3", "F", "E-mail"),
        _type("address", "S3", "B", "Endereço"),
        _type("cep", "S2", "B", "CEP"),
        _type("birth_date", "S3", "C", "Data de nascimento", "data de nascimento removida"),
        _type("care_date", "S2", "C", "Data de atendimento", "data removida"),
        _type("age_over_89", "S2", "C", "Idade acima de 89 anos", "90 anos ou mais"),
        _type("icd10", "S2", "R", "CID ligado a uma pessoa", "CID removido"),
        _type("ip_address", "S2", "O", "Endereço IP", "IP removido"),
        _type("social_url", "S3", "N", "Perfil em rede social", "perfil removido"),
        _type("photo", "S3", "Q", "Imagem de paciente", "imagem removida"),
        _type("vehicle_plate", "S2", "L", "Placa de veículo", "placa removida"),
        _type("dicom_phi", "S4", "R", "Identificação em arquivo DICOM", "identificação removida"),
    )
)


def redaction(code: str, sample: str = "") -> str:
    """What replaces an identifier: a labelled placeholder, dates keep the year, great ages become a class (domain 2.5)."""
    if code == "age_over_89":
        return "90 anos ou mais"
    if code in ("birth_date", "care_date"):
        year = next((sample[i : i + 4] for i in range(len(sample) - 3) if sample[i : i + 4].isdigit()), "")
        if year:
            return year
    return TYPES[code].placeholder
