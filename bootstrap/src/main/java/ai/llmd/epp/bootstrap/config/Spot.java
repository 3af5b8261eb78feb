package ai.llmd.epp.bootstrap.config;

import org.snakeyaml.engine.v2.nodes.Node;

/**
 * A place in a configuration.
 *
 * @param line from 1; 0 for what was not written but added by a default
 * @param column from 1; 0 for what was not written
 * @param path as in {@code schedulingProfiles[0].plugins[1].pluginRef}; empty for the document
 */
public record Spot(int line, int column, String path) {

  /** The place of something that nobody wrote. */
  public static Spot unwritten(String path) {
    return new Spot(0, 0, path);
  }

  /** The same path where this node stands. */
  Spot at(Node node) {
    return node.getStartMark()
        .map(mark -> new Spot(mark.getLine() + 1, mark.getColumn() + 1, path))
        .orElse(this);
  }

  /** A field of what stands here; its position is this one until it is found. */
  public Spot field(String name) {
    return new Spot(line, column, path.isEmpty() ? name : path + "." + name);
  }

  /** An item of the list that stands here. */
  Spot item(int index) {
    return new Spot(line, column, path + "[" + index + "]");
  }

  boolean isWritten() {
    return line > 0;
  }
}
