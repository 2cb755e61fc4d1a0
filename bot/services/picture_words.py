"""The words on pictures and tables for those who lead: labels with figures in them."""

from dataclasses import dataclass

from scripts_library.formats import Formats
from scripts_library.library import Library


@dataclass(frozen=True, slots=True)
class PictureWords:
    """The labels `picture.*` of one language; `{0}`, `{1}` in them are filled."""

    library: Library
    language: str

    def __call__(self, name: str, *values: object) -> str:
        said = self.library.label(f"picture.{name}", self.language)
        for number, value in enumerate(values):
            said = said.replace(f"{{{number}}}", str(value))
        return said

    def known(self, name: str, otherwise: str) -> str:
        """`otherwise` for what a deployment named itself."""
        labelled = self.library.labels_of(f"picture.{name}")
        return self(name) if labelled else otherwise

    @property
    def formats(self) -> Formats:
        return self.library.language(self.language).formats
