package ai.llmd.epp.yaml;

import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A place in a document.
 *
 * @param line from 1; 0 for what was not written but added by a default
 * @param column from 1; 0 for what was not written
 * @param path as in {@code schedulingProfiles[0].plugins[1].pluginRef}; empty for the document
 */
public record SourceLocation(int line, int column, String path) {

  /** The place of something that is not written in the document. */
  public static SourceLocation unwritten(String path) {
    return new SourceLocation(0, 0, path);
  }

  /** The same path where this node stands. */
  public SourceLocation at(Node node) {
    return node.getStartMark()
        .map(mark -> new SourceLocation(mark.getLine() + 1, mark.getColumn() + 1, path))
        .orElse(this);
  }

  /** A field of what stands here; its position is this one until it is found. */
  public SourceLocation field(String name) {
    return new SourceLocation(line, column, path.isEmpty() ? name : path + "." + name);
  }

  /** An item of the list that stands here. */
  public SourceLocation item(int index) {
    return new SourceLocation(line, column, path + "[" + index + "]");
  }
}
