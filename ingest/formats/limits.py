"""How much of anything is read: beyond these a file is refused with its reason, and the others go on.

Each is far above what ministries publish and low enough that a hostile file costs seconds and megabytes, not the run.
"""

MEGABYTE = 1_000_000

MAX_PAGE_BYTES = 100 * MEGABYTE
"""One file of any format but records."""

MAX_TEXT_CHARACTERS = 5_000_000
"""One release; the longest treaty texts have about a million."""

MAX_RECORD_CHARACTERS = 20 * MEGABYTE
"""One line of JSON lines, or one file of JSON or CSV cell."""

MAX_JSON_BYTES = 200 * MEGABYTE
"""A JSON file that is one value; JSON lines have no such limit, since they are read line by line."""

MAX_UNPACKED_BYTES = 500 * MEGABYTE
"""What one archive, with every archive inside it, unpacks to."""

MAX_MEMBERS = 5_000
"""Files of one archive, with every archive inside it."""

MAX_NESTING = 3
"""Archives in archives, messages in messages."""

MAX_HTML_DEPTH = 5_000
"""Elements inside elements; the parser's time grows with the square of the depth (20,000 deep: half a second)."""

MAX_HTML_ELEMENTS = 100_000
"""Elements of one page but paragraphs and cells, however they stand."""

MAX_PDF_PAGES = 500
MAX_PDF_SECONDS = 120
MAX_PDF_MEMORY = 2_000 * MEGABYTE
"""What the process that reads a PDF may take."""

MAX_HWP_STREAM_BYTES = 100 * MEGABYTE
"""One stream of an HWP file, unpacked."""

MAX_TABLE_CELLS = 50_000
"""One table, spanned cells counted as often as they span."""

MAX_FEED_ITEMS = 10_000
