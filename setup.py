"""What pyproject.toml cannot say: prompts and starter documents lie beside the package and go into its wheel."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

#: Copied to `assistant/shipped`, where `assistant.settings.shipped` looks for them outside a checkout.
SHIPPED = ("prompts", "corpus")


class BuildWithShipped(build_py):
    """Build the package with the files that it ships; an editable install finds them where they are."""

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        if self.editable_mode:
            return
        for name in SHIPPED:
            target = Path(self.build_lib) / "assistant" / "shipped" / name
            shutil.rmtree(target, ignore_errors=True)  # of an earlier build
            shutil.copytree(name, target, ignore=shutil.ignore_patterns("_sources", "__pycache__"))


setup(cmdclass={"build_py": BuildWithShipped})
