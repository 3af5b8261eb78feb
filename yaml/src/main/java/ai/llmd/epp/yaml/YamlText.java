package ai.llmd.epp.yaml;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentEndEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import org.snakeyaml.engine.v2.schema.JsonSchema;
import org.snakeyaml.engine.v2.schema.Schema;

/** Reads YAML or JSON text into nodes that know their place. */
public final class YamlText {

  /** Levels of lists and maps; configurations have ten at most. */
  private static final int MAX_DEPTH = 200;

  private final Problems problems;

  /** Nodes seen by the walk: an alias leads to a node twice, or even to an ancestor of its own. */
  private final Set<Node> seen = Collections.newSetFromMap(new IdentityHashMap<>());

  private YamlText(Problems problems) {
    this.problems = problems;
  }

  /** The first document, or an absent value when there is none or it cannot be read. */
  public static Value read(String text, String origin, Problems problems) {
    List<Value> first = read(text, settings(origin, new CoreSchema()), problems, 1);
    return first.isEmpty() ? Value.absent(SourceLocation.unwritten("")) : first.getFirst();
  }

  /** Every document up to the first that cannot be read. */
  public static List<Value> readAll(String text, String origin, Problems problems) {
    return read(text, settings(origin, new CoreSchema()), problems, Integer.MAX_VALUE);
  }

  /**
   * The same, but a scalar without quotes is a number, boolean or null only where JSON has it so:
   * {@code 007}, {@code True} and {@code ~} are texts.
   */
  public static List<Value> readAllTypedAsJson(String text, String origin, Problems problems) {
    return read(text, settings(origin, new JsonSchema()), problems, Integer.MAX_VALUE);
  }

  private static LoadSettings settings(String origin, Schema schema) {
    return LoadSettings.builder().setLabel(origin).setSchema(schema).build();
  }

  private static List<Value> read(
      String text, LoadSettings settings, Problems problems, int maxDocuments) {
    SourceLocation document = SourceLocation.unwritten("");
    List<Value> read = new ArrayList<>();
    try {
      SourceLocation tooDeep = firstTooDeep(text, settings, maxDocuments);
      if (tooDeep != null) {
        problems.add(tooDeep, "nested more than " + MAX_DEPTH + " levels deep");
        return read;
      }
      Iterator<Node> documents = new Compose(settings).composeAllFromString(text).iterator();
      while (read.size() < maxDocuments && documents.hasNext()) {
        Node root = documents.next();
        SourceLocation spot = document.at(root);
        new YamlText(problems).refuseRepeatedKeys(root, spot);
        read.add(new Value(root, spot));
      }
    } catch (MarkedYamlEngineException e) {
      problems.add(placeOf(e.getProblemMark()), "not readable as YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      problems.add(document, "not readable as YAML: " + e.getMessage());
    }
    return read;
  }

  /** Events come one by one, while composing nodes takes a stack frame for each level. */
  private static @Nullable SourceLocation firstTooDeep(
      String text, LoadSettings settings, int documents) {
    int depth = 0;
    int ended = 0;
    try {
      for (Event event : new Parse(settings).parseString(text)) {
        switch (event) {
          case CollectionStartEvent start -> depth++;
          case CollectionEndEvent end -> depth--;
          case DocumentEndEvent end -> ended++;
          default -> {}
        }
        if (depth > MAX_DEPTH) {
          return placeOf(event.getStartMark());
        }
        if (ended == documents) {
          break;
        }
      }
    } catch (YamlEngineException e) {
      return null; // composing will say what is wrong, and where
    }
    return null;
  }

  private static SourceLocation placeOf(Optional<Mark> mark) {
    return mark.map(at -> new SourceLocation(at.getLine() + 1, at.getColumn() + 1, ""))
        .orElse(SourceLocation.unwritten(""));
  }

  private void refuseRepeatedKeys(Node node, SourceLocation spot) {
    if (!seen.add(node)) {
      return;
    }
    switch (node) {
      case MappingNode mapping -> {
        Set<String> keys = new HashSet<>();
        for (NodeTuple tuple : mapping.getValue()) {
          String key = Value.keyOf(tuple);
          SourceLocation field = spot.field(key).at(tuple.getKeyNode());
          if (!keys.add(key)) {
            problems.add(field, "given twice");
          }
          refuseRepeatedKeys(tuple.getValueNode(), field);
        }
      }
      case SequenceNode list -> {
        for (int i = 0; i < list.getValue().size(); i++) {
          refuseRepeatedKeys(list.getValue().get(i), spot.item(i));
        }
      }
      default -> {
        // a scalar has no keys
      }
    }
  }
}
