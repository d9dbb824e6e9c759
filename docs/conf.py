"""Sphinx: `sphinx-build -W -b html docs docs/_build`, without network or data."""

import os
import sys
import warnings
from pathlib import Path

os.environ.setdefault("JAX_PLATFORMS", "cpu")
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))

from jaxprune import __version__  # noqa: E402

project = "jaxprune"
author = copyright = "The jaxprune developers"
version = release = __version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_gallery.gen_gallery",
    "myst_parser",
    "sphinx_copybutton",
    "sphinxcontrib.bibtex",
    "house",
    "links",
    "mathml",
    "constants",
    "command_pages",
    "study_pages",
]
exclude_patterns = ["_build", "release/paper.md", "examples", "**.md5", "**.ipynb"]
templates_path = ["_templates"]
default_role = "py:obj"  # a name between single backticks is a link if it can be
smartquotes = False  # options keep both of their dashes
toc_object_entries = False

# Docstrings are numpydoc; a page for every name that a page of the API lists.
autosummary_generate = True
autodoc_typehints = "none"  # types are said in words
numpydoc_show_class_members = False
numpydoc_xref_param_type = False

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 3
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": "/plot_",
    "within_subsection_order": "FileNameSortKey",
    "backreferences_dir": "gallery/backreferences",
    "image_scrapers": ("palette.windowless", "matplotlib"),
    "reset_modules": ("matplotlib", "palette.apply"),
    "doc_module": ("jaxprune", "jaxprune_ports"),
    "default_thumb_file": str(HERE / "_static" / "logo.svg"),
    "remove_config_comments": True,
    "download_all_examples": False,
    "capture_repr": ("_repr_html_",),
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 1e9,
    "write_computation_times": False,
    "abort_on_example_error": True,
}
warnings.filterwarnings("ignore", message=".*FigureCanvasAgg is non-interactive.*")

html_theme = "pydata_sphinx_theme"
html_title = "jaxprune"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo-dark.svg",
        "alt_text": "jaxprune, home",
    },
    "navbar_end": ["theme-switcher"],
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "header_links_before_dropdown": 5,
    "footer_start": ["copyright"],
    "footer_end": ["sphinx-version"],
    "show_prev_next": True,
}
ALONE = """index choose compare troubleshooting scripts glossary bibliography changelog
contributing"""
html_sidebars = {page: [] for page in ALONE.split()}
