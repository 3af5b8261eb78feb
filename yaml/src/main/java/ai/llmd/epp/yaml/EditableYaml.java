package ai.llmd.epp.yaml;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Present;
import org.snakeyaml.engine.v2.api.lowlevel.Serialize;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.CollectionNode;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * The first document of a YAML text, to be changed and written again with its comments, blank
 * lines, quotes and order. Indentation becomes regular, and a list or mapping in brackets that has
 * comments inside gets lines of its own. Paths are names of fields, from the document down. One
 * thread.
 */
public final class EditableYaml {

  private static final int INDENT = 2;

  /** Lines are never broken. */
  private static final int WIDTH = Integer.MAX_VALUE;

  private final MappingNode root;
  private final boolean hasIndentedLists;

  private EditableYaml(MappingNode root) {
    this.root = root;
    this.hasIndentedLists = hasIndentedLists(root);
  }

  /** A text that {@link YamlText} reads without a problem; empty when it has no fields. */
  public static Optional<EditableYaml> of(String text) {
    LoadSettings settings =
        LoadSettings.builder().setParseComments(true).setSchema(new CoreSchema()).build();
    try {
      for (Node first : new Compose(settings).composeAllFromString(text)) {
        return first instanceof MappingNode mapping && !isNothing(mapping)
            ? Optional.of(new EditableYaml(mapping))
            : Optional.empty();
      }
    } catch (YamlEngineException e) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  /** A text of comments alone is read as a mapping without lines. */
  private static boolean isNothing(MappingNode mapping) {
    return mapping.getValue().isEmpty() && mapping.getFlowStyle() == FlowStyle.BLOCK;
  }

  public boolean has(List<String> path) {
    return find(path) != null;
  }

  /** The texts of a field in every item of a list at the top; "" where an item has none. */
  public List<String> fieldOfItems(String list, String field) {
    List<String> values = new ArrayList<>();
    if (find(List.of(list)) instanceof SequenceNode items) {
      for (Node item : items.getValue()) {
        NodeTuple found = item instanceof MappingNode mapping ? tuple(mapping, field) : null;
        values.add(
            found != null && found.getValueNode() instanceof ScalarNode scalar
                ? scalar.getValue()
                : "");
      }
    }
    return values;
  }

  /** The names in a mapping of every item of a list at the top; none where an item has none. */
  public List<List<String>> namesInItems(String list, String field) {
    List<List<String>> names = new ArrayList<>();
    if (find(List.of(list)) instanceof SequenceNode items) {
      for (Node item : items.getValue()) {
        NodeTuple found = item instanceof MappingNode mapping ? tuple(mapping, field) : null;
        names.add(
            found != null && found.getValueNode() instanceof MappingNode fields
                ? fields.getValue().stream().map(Value::keyOf).toList()
                : List.of());
      }
    }
    return names;
  }

  /** Sets a field at the top to a text; one that is missing becomes the first. */
  public void set(String name, String text) {
    NodeTuple old = tuple(root, name);
    ScalarNode value = new ScalarNode(Tag.STR, text, styleOf(old));
    if (old == null) {
      NodeTuple added = new NodeTuple(new ScalarNode(Tag.STR, name, keyStyle()), value);
      if (!root.getValue().isEmpty() && root.getFlowStyle() == FlowStyle.BLOCK) {
        Node first = root.getValue().getFirst().getKeyNode();
        added.getKeyNode().setBlockComments(first.getBlockComments());
        first.setBlockComments(List.of());
      }
      put(root, 0, added);
      return;
    }
    value.setInLineComments(old.getValueNode().getInLineComments());
    replace(root, old, new NodeTuple(old.getKeyNode(), value));
  }

  private static void put(MappingNode mapping, int place, NodeTuple tuple) {
    List<NodeTuple> tuples = new ArrayList<>(mapping.getValue()); // an empty one's is fixed
    tuples.add(place, tuple);
    mapping.setValue(tuples);
  }

  private static void replace(MappingNode mapping, NodeTuple old, NodeTuple tuple) {
    mapping.getValue().set(mapping.getValue().indexOf(old), tuple);
  }

  /**
   * Moves a field with its comments. Mappings on the way that are missing are made: where it stood,
   * or else at the end. What stands at the target already stays, and the field is dropped.
   */
  public void move(List<String> from, List<String> to) {
    move(from, to, false);
  }

  /** The same; the field becomes the only item of a list. */
  public void moveIntoList(List<String> from, List<String> to) {
    move(from, to, true);
  }

  private void move(List<String> from, List<String> to, boolean isWrapped) {
    boolean isTaken = has(to);
    MappingNode parent = (MappingNode) find(from.subList(0, from.size() - 1));
    NodeTuple moved = parent == null ? null : tuple(parent, from.getLast());
    if (parent == null || moved == null) {
      return;
    }
    int place = parent.getValue().indexOf(moved);
    parent.getValue().remove(moved);
    if (isTaken) {
      return;
    }
    MappingNode target = root;
    for (String name : to.subList(0, to.size() - 1)) {
      target = mapping(target, name, isSame(target, parent) ? place : target.getValue().size());
    }
    int at = isSame(target, parent) ? place : target.getValue().size();
    put(target, at, renamed(moved, to.getLast(), isWrapped, target.getFlowStyle()));
  }

  private static NodeTuple renamed(
      NodeTuple moved, String name, boolean isWrapped, FlowStyle style) {
    ScalarNode key = (ScalarNode) moved.getKeyNode();
    ScalarNode renamed = new ScalarNode(Tag.STR, name, key.getScalarStyle());
    renamed.setBlockComments(key.getBlockComments());
    renamed.setInLineComments(key.getInLineComments());
    Node value = moved.getValueNode();
    return new NodeTuple(
        renamed,
        isWrapped
            ? new SequenceNode(Tag.SEQ, new ArrayList<>(List.of(value)), styleWith(value, style))
            : value);
  }

  /** Brackets may hold no value that has lines of its own. */
  private static FlowStyle styleWith(Node value, FlowStyle style) {
    return value instanceof CollectionNode<?> collection
            && collection.getFlowStyle() == FlowStyle.BLOCK
        ? FlowStyle.BLOCK
        : style;
  }

  private MappingNode mapping(MappingNode parent, String name, int place) {
    NodeTuple found = tuple(parent, name);
    if (found != null && found.getValueNode() instanceof MappingNode mapping) {
      return mapping;
    }
    MappingNode made = new MappingNode(Tag.MAP, new ArrayList<>(), parent.getFlowStyle());
    NodeTuple tuple = new NodeTuple(new ScalarNode(Tag.STR, name, keyStyle()), made);
    if (found == null) {
      put(parent, place, tuple);
    } else {
      replace(parent, found, tuple); // it was null
    }
    return made;
  }

  /** As the document quotes its names: JSON does. */
  private ScalarStyle keyStyle() {
    return root.getValue().isEmpty()
        ? ScalarStyle.PLAIN
        : ((ScalarNode) root.getValue().getFirst().getKeyNode()).getScalarStyle();
  }

  private ScalarStyle styleOf(@Nullable NodeTuple old) {
    return old != null && old.getValueNode() instanceof ScalarNode scalar
        ? scalar.getScalarStyle()
        : keyStyle();
  }

  private @Nullable Node find(List<String> path) {
    Node at = root;
    for (String name : path) {
      NodeTuple tuple = at instanceof MappingNode mapping ? tuple(mapping, name) : null;
      if (tuple == null || tuple.getValueNode().getTag().equals(Tag.NULL)) {
        return null;
      }
      at = tuple.getValueNode();
    }
    return at;
  }

  private static @Nullable NodeTuple tuple(MappingNode mapping, String name) {
    return mapping.getValue().stream()
        .filter(tuple -> Value.keyOf(tuple).equals(name))
        .findFirst()
        .orElse(null);
  }

  @SuppressWarnings("ReferenceEquality") // nodes have no other identity
  private static boolean isSame(Node one, Node other) {
    return one == other;
  }

  /** The document as YAML, ending with a line feed. */
  public String text() {
    openCommented(root, Collections.newSetFromMap(new IdentityHashMap<>()));
    DumpSettings settings =
        DumpSettings.builder()
            .setDumpComments(true)
            .setIndent(hasIndentedLists ? 2 * INDENT : INDENT)
            .setIndicatorIndent(hasIndentedLists ? INDENT : 0)
            .setWidth(WIDTH)
            .setSplitLines(false)
            .setAnchorGenerator(node -> node.getAnchor().orElseThrow())
            .build();
    return new Present(settings)
        .emitToString(new Serialize(settings).serializeOne(root).iterator());
  }

  /** Comments cannot be written within brackets; returns whether the node has any. */
  private static boolean openCommented(Node node, Set<Node> seen) {
    if (!seen.add(node)) {
      return false;
    }
    boolean isCommented = false;
    switch (node) {
      case MappingNode mapping -> {
        for (NodeTuple tuple : mapping.getValue()) {
          isCommented |= openCommented(tuple.getKeyNode(), seen);
          isCommented |= openCommented(tuple.getValueNode(), seen);
          isCommented |= hasComments(tuple.getKeyNode()) || hasComments(tuple.getValueNode());
        }
        if (isCommented || hasOpen(mapping)) {
          mapping.setFlowStyle(FlowStyle.BLOCK);
        }
      }
      case SequenceNode list -> {
        for (Node item : list.getValue()) {
          isCommented |= openCommented(item, seen) || hasComments(item);
        }
        if (isCommented || list.getValue().stream().anyMatch(EditableYaml::isOpen)) {
          list.setFlowStyle(FlowStyle.BLOCK);
        }
        list.getValue().forEach(EditableYaml::commentBeforeDash);
      }
      default -> {
        // a scalar
      }
    }
    return isCommented;
  }

  /** A comment above an item has been read as one above its first field. */
  private static void commentBeforeDash(Node item) {
    if (item instanceof MappingNode mapping && isOpen(item) && !mapping.getValue().isEmpty()) {
      Node first = mapping.getValue().getFirst().getKeyNode();
      if (isFilled(first.getBlockComments()) && !isFilled(item.getBlockComments())) {
        item.setBlockComments(first.getBlockComments());
        first.setBlockComments(List.of());
      }
    }
  }

  private static boolean hasOpen(MappingNode mapping) {
    return mapping.getValue().stream().anyMatch(tuple -> isOpen(tuple.getValueNode()));
  }

  private static boolean isOpen(Node node) {
    return node instanceof CollectionNode<?> collection
        && collection.getFlowStyle() == FlowStyle.BLOCK;
  }

  private static boolean hasComments(Node node) {
    return isFilled(node.getBlockComments())
        || isFilled(node.getInLineComments())
        || isFilled(node.getEndComments());
  }

  private static boolean isFilled(@Nullable List<?> comments) {
    return comments != null && !comments.isEmpty();
  }

  /** Whether the dashes of the first list with lines of its own stand behind its field's name. */
  private static boolean hasIndentedLists(MappingNode root) {
    for (NodeTuple tuple : root.getValue()) {
      if (isOpen(tuple.getValueNode()) && tuple.getValueNode() instanceof SequenceNode list) {
        return columnOf(list) > columnOf(tuple.getKeyNode());
      }
    }
    return false;
  }

  private static int columnOf(Node node) {
    return node.getStartMark().map(Mark::getColumn).orElse(0);
  }
}
