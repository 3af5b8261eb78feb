package ai.llmd.epp.adapter.admin;

import java.util.ArrayList;
import java.util.List;

/** Columns of a text: the second one and texts to the left, figures to the right. */
final class TextTable {

  private static final String GAP = "  ";

  private final List<List<String>> rows = new ArrayList<>();
  private final int[] widths;

  TextTable(List<String> head) {
    widths = new int[head.size()];
    add(head);
  }

  /**
   * @param cells as many as the head has
   */
  void add(List<String> cells) {
    rows.add(List.copyOf(cells));
    for (int i = 0; i < widths.length; i++) {
      widths[i] = Math.max(widths[i], cells.get(i).length());
    }
  }

  List<String> lines() {
    return rows.stream().map(this::line).toList();
  }

  private String line(List<String> cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      String room = " ".repeat(widths[i] - cell.length());
      line.append(isFigures(i) ? room + cell : cell + room).append(GAP);
    }
    return line.toString().stripTrailing();
  }

  /** Whether all cells below the head begin with a figure or a sign. */
  private boolean isFigures(int column) {
    return column > 1
        && rows.stream()
            .skip(1)
            .map(row -> row.get(column))
            .allMatch(cell -> !cell.isEmpty() && "0123456789-+".indexOf(cell.charAt(0)) >= 0);
  }
}
