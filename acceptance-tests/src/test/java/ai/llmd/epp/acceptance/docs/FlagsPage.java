package ai.llmd.epp.acceptance.docs;

import static ai.llmd.epp.acceptance.docs.Markdown.code;

import ai.llmd.epp.cli.FlagTable;

/** {@code docs/flags.md}. */
final class FlagsPage {

  private FlagsPage() {}

  static String text() {
    Markdown page =
        new Markdown()
            .heading(1, "Flags")
            .paragraph(
                """
                Generated from the flag table (`cli.Flags`); see
                [CONTRIBUTING.md](../CONTRIBUTING.md#generated-pages). `--flag value` and `--flag=value` both work,
                `--flag` alone means true for a boolean, and of a flag given twice the last value counts (lists add up).
                Durations are Go's (`250ms`, `1m30s`), quantities those of Kubernetes (`64Mi`, `1G`). `-h` and `--help`
                print the table.\
                """)
            .table("flag", "value", "default", "what");
    for (FlagTable.Row flag : FlagTable.visible()) {
      String refused =
          flag.refusal().isEmpty()
              ? ""
              : " **Refused** unless it keeps its default: " + flag.refusal() + ".";
      page.row(
          code(flag.names()), flag.label(), code(flag.initial()), flag.description() + refused);
    }
    page.heading(2, "Removed")
        .paragraph("These stop the start with a sentence, whatever their value.")
        .table("flag", "reason");
    for (FlagTable.Row flag : FlagTable.removed()) {
      page.row(code(flag.names()), flag.refusal());
    }
    return page.text();
  }
}
