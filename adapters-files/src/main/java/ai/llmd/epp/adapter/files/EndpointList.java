package ai.llmd.epp.adapter.files;

import ai.llmd.epp.application.port.out.EndpointDiscovery.DiscoveryException;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Reads the content of an endpoints file.
 *
 * <pre>{@code
 * endpoints:
 *   - name: worker-a
 *     namespace: lab          # default: default
 *     address: 192.0.2.11     # IPv4 or IPv6
 *     port: "8000"
 *     labels: {llm-d.ai/role: both}
 * }</pre>
 *
 * <p>Field names may be in any case, unknown fields are ignored. Of two entries with one id the
 * later one counts.
 */
final class EndpointList {

  private static final int MAX_DEPTH = 32;
  private static final int MAX_PROBLEMS = 10;
  private static final int MAX_QUOTED_CHARACTERS = 100;
  private static final String DEFAULT_NAMESPACE = "default";
  private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,5}");
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final Pattern LEADING_ZERO = Pattern.compile("(.*\\.)?0[0-9].*");
  private static final LoadSettings YAML = LoadSettings.builder().setLabel("endpoints").build();

  private final String file;
  private final List<String> problems = new ArrayList<>();

  private EndpointList(String file) {
    this.file = file;
  }

  /**
   * All endpoints of the file, in its order.
   *
   * @param file the name that problems are reported under
   * @throws DiscoveryException when anything is wrong; names every problem with its line
   */
  static List<Endpoint> parse(String file, byte[] content) throws DiscoveryException {
    EndpointList list = new EndpointList(file);
    Map<EndpointId, Endpoint> endpoints = new LinkedHashMap<>();
    for (Node entry : list.entries(list.compose(content))) {
      Endpoint endpoint = list.endpoint(entry);
      if (endpoint != null) {
        endpoints.remove(endpoint.id()); // the later one also takes the later place
        endpoints.put(endpoint.id(), endpoint);
      }
    }
    list.throwIfMalformed();
    return List.copyOf(endpoints.values());
  }

  private @Nullable Node compose(byte[] content) throws DiscoveryException {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
      refuseDeepNesting(text);
      return new Compose(YAML).composeString(text).orElse(null);
    } catch (CharacterCodingException e) {
      throw new DiscoveryException(file + ": not UTF-8");
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(Mark::getLine).orElse(0) + 1;
      throw new DiscoveryException(file + ":" + line + ": " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new DiscoveryException(file + ": " + e.getMessage());
    }
  }

  /** The composer calls itself for each level, so depth is checked before it runs. */
  private void refuseDeepNesting(String text) throws DiscoveryException {
    int depth = 0;
    for (Event event : new Parse(YAML).parseString(text)) {
      if (event instanceof CollectionStartEvent) {
        depth++;
      } else if (event instanceof CollectionEndEvent) {
        depth--;
      }
      if (depth > MAX_DEPTH) {
        int line = event.getStartMark().map(Mark::getLine).orElse(0) + 1;
        throw new DiscoveryException(
            file + ":" + line + ": nested more than " + MAX_DEPTH + " levels deep");
      }
    }
  }

  private List<Node> entries(@Nullable Node document) throws DiscoveryException {
    // A file that is empty, or lacks the list, is a file being written or the wrong one. Taking it
    // for a pool without endpoints would cost every endpoint its place.
    if (document == null) {
      throw new DiscoveryException(file + ":1: the file is empty; no endpoints: endpoints: []");
    }
    Node list = document instanceof MappingNode top ? fields(top).get("endpoints") : null;
    throwIfMalformed();
    if (list == null) {
      throw new DiscoveryException(place(document) + "no field \"endpoints\"");
    }
    if (!(list instanceof SequenceNode sequence)) {
      throw new DiscoveryException(place(list) + "endpoints must be a list");
    }
    return sequence.getValue();
  }

  private @Nullable Endpoint endpoint(Node entry) {
    if (!(entry instanceof MappingNode mapping)) {
      problem(entry, "an endpoint must be a mapping");
      return null;
    }
    int before = problems.size();
    Map<String, Node> fields = fields(mapping);
    String name = text(fields, "name");
    if (name.isEmpty() && problems.size() == before) {
      problem(entry, "an endpoint has no name");
    }
    String namespace = text(fields, "namespace");
    String address = address(entry, fields);
    int port = port(entry, fields);
    Map<String, String> labels = labels(fields);
    if (problems.size() > before) {
      return null;
    }
    EndpointId id = new EndpointId(namespace.isEmpty() ? DEFAULT_NAMESPACE : namespace, name);
    return Endpoint.of(id, address, port, labels);
  }

  private String address(Node entry, Map<String, Node> fields) {
    int before = problems.size();
    String address = text(fields, "address");
    if (problems.size() == before && !isAddress(address)) {
      problem(
          fields.getOrDefault("address", entry),
          "address must be an IPv4 or IPv6 address, host names are not resolved; was "
              + quoted(address));
    }
    return address;
  }

  private int port(Node entry, Map<String, Node> fields) {
    Node node = fields.getOrDefault("port", entry);
    if (node instanceof ScalarNode number && number.getTag().equals(Tag.INT)) {
      problem(node, "port must be in quotes: \"" + number.getValue() + "\"");
      return 0;
    }
    int before = problems.size();
    String text = text(fields, "port");
    int port = DECIMAL.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (problems.size() == before && (port < 1 || port > 65_535)) {
      problem(node, "port must be within 1 and 65535, was " + quoted(text));
    }
    return port;
  }

  private Map<String, String> labels(Map<String, Node> fields) {
    Node node = fields.get("labels");
    if (node == null || isNull(node)) {
      return Map.of();
    }
    if (!(node instanceof MappingNode mapping)) {
      problem(node, "labels must be a mapping");
      return Map.of();
    }
    Map<String, String> labels = new HashMap<>();
    for (NodeTuple tuple : mapping.getValue()) {
      String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
      if (labels.put(key, text(tuple.getValueNode(), "label " + quoted(key))) != null) {
        problem(tuple.getKeyNode(), "label " + quoted(key) + " is given twice");
      }
    }
    return labels;
  }

  /** The fields of a mapping by lower-case name; a field given twice is a problem. */
  private Map<String, Node> fields(MappingNode mapping) {
    Map<String, Node> fields = new HashMap<>();
    Set<String> given = new HashSet<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (tuple.getKeyNode() instanceof ScalarNode key) {
        String name = key.getValue().toLowerCase(Locale.ROOT);
        if (!given.add(name)) {
          problem(key, "field " + quoted(key.getValue()) + " is given twice");
        }
        fields.put(name, tuple.getValueNode());
      }
    }
    return fields;
  }

  private String text(Map<String, Node> fields, String name) {
    Node node = fields.get(name);
    return node == null ? "" : text(node, name);
  }

  /** A null reads as an empty text; anything else that is no text is a problem. */
  private String text(Node node, String name) {
    if (node instanceof ScalarNode scalar && scalar.getTag().equals(Tag.STR)) {
      return scalar.getValue();
    }
    if (!isNull(node)) {
      problem(node, name + " must be a text; put it in quotes");
    }
    return "";
  }

  private static boolean isNull(Node node) {
    return node.getTag().equals(Tag.NULL);
  }

  private static boolean isAddress(String text) {
    if (IPV4.matcher(text).matches()) {
      if (LEADING_ZERO.matcher(text).matches()) { // octal to some
        return false;
      }
    } else if (text.indexOf(':') < 0 || text.indexOf('%') >= 0 || text.indexOf('[') >= 0) {
      return false;
    }
    try {
      InetAddress address = InetAddress.ofLiteral(text);
      // ofLiteral takes "::ffff:192.0.2.1" for IPv4, which is what it stands for
      return address instanceof Inet4Address || text.indexOf(':') >= 0;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static String quoted(String text) {
    String shown =
        text.length() <= MAX_QUOTED_CHARACTERS
            ? text
            : text.substring(0, MAX_QUOTED_CHARACTERS) + "…";
    return "\"" + shown + "\"";
  }

  private String place(Node node) {
    return file + ":" + (node.getStartMark().map(Mark::getLine).orElse(0) + 1) + ": ";
  }

  private void problem(Node node, String sentence) {
    problems.add(place(node) + sentence);
  }

  private void throwIfMalformed() throws DiscoveryException {
    if (!problems.isEmpty()) {
      int shown = Math.min(problems.size(), MAX_PROBLEMS);
      String rest = problems.size() > shown ? "; and " + (problems.size() - shown) + " more" : "";
      throw new DiscoveryException(String.join("; ", problems.subList(0, shown)) + rest);
    }
  }
}
