"""WeasyPrint kept open: sets the files that are named on standard input, one a line, and tells how long all but the first took.

Runs in the environment in which WeasyPrint is installed, one process for each core. Arguments: the folder for the PDFs, and the variant of PDF.
"""

import json
import sys
import time
from pathlib import Path

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

out, variant = Path(sys.argv[1]), sys.argv[2]
options = {} if variant == "plain" else {"pdf_variant": variant, "pdf_tags": True}
fonts = FontConfiguration()


def write(source):
    HTML(filename=str(source)).write_pdf(out / f"{source.stem}.pdf", font_config=fonts, **options)


sources = [Path(line.strip()) for line in sys.stdin]
write(sources[0])
started = time.perf_counter()
for source in sources[1:]:
    write(source)
print(json.dumps({"documents": len(sources) - 1, "seconds": time.perf_counter() - started}))
