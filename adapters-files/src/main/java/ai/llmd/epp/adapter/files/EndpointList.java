package ai.llmd.epp.adapter.files;

import ai.llmd.epp.application.port.out.EndpointDiscovery.DiscoveryException;
import ai.llmd.epp.domain.pool.Endpoint;
import ai.llmd.epp.domain.pool.EndpointId;
import ai.llmd.epp.yaml.Problem;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.SourceLocation;
import ai.llmd.epp.yaml.Value;
import ai.llmd.epp.yaml.Value.Mistyped;
import ai.llmd.epp.yaml.YamlText;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

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

  private static final int MAX_PROBLEMS = 10;
  private static final int MAX_PROBLEM_CHARACTERS = 300;
  private static final String DEFAULT_NAMESPACE = "default";
  private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,5}");
  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final Pattern LEADING_ZERO = Pattern.compile("(.*\\.)?0[0-9].*");

  private final String file;
  private final Problems problems;

  private EndpointList(String file) {
    this.file = file;
    this.problems = new Problems(file);
  }

  /**
   * All endpoints of the file, in its order.
   *
   * @param file the name that problems are reported under
   * @throws DiscoveryException when anything is wrong; names every problem with its place
   */
  static List<Endpoint> parse(String file, byte[] content) throws DiscoveryException {
    EndpointList list = new EndpointList(file);
    Map<EndpointId, Endpoint> endpoints = new LinkedHashMap<>();
    for (Value entry : list.entries(list.decode(content))) {
      Endpoint endpoint = list.endpoint(entry);
      if (endpoint != null) {
        endpoints.remove(endpoint.id()); // the later one also takes the later place
        endpoints.put(endpoint.id(), endpoint);
      }
    }
    list.throwIfMalformed();
    return List.copyOf(endpoints.values());
  }

  private String decode(byte[] content) throws DiscoveryException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(content)).toString();
    } catch (CharacterCodingException e) {
      throw new DiscoveryException(file + ": not UTF-8");
    }
  }

  private List<Value> entries(String text) {
    List<Value> documents = YamlText.readAllTypedAsJson(text, file, problems);
    if (documents.isEmpty()) {
      // A file that is empty, or lacks the list, is a file being written or the wrong one. Taking
      // it for a pool without endpoints would cost every endpoint its place.
      if (problems.count() == 0) {
        problems.add(
            SourceLocation.unwritten(""), "the file is empty; no endpoints: endpoints: []");
      }
      return List.of();
    }
    if (documents.size() > 1) {
      problems.add(documents.get(1).spot(), "the file must have one document");
    }
    Value document = documents.getFirst();
    return checkFields(document) ? items(document.field("endpoints")) : List.of();
  }

  private List<Value> items(Value list) {
    try {
      return list.items();
    } catch (Mistyped e) {
      problems.add(list.spot(), e.getMessage());
      return List.of();
    }
  }

  /** Whether the value is a mapping; reports one that is none, and fields that are given twice. */
  private boolean checkFields(Value value) {
    try {
      Set<String> names = new HashSet<>();
      for (Map.Entry<String, Value> field : value.fields().entrySet()) {
        if (!names.add(field.getKey().toLowerCase(Locale.ROOT))) {
          problems.add(field.getValue().nameSpot(), "given twice");
        }
      }
      return true;
    } catch (Mistyped e) {
      problems.add(value.spot(), e.getMessage());
      return false;
    }
  }

  /** The endpoint, or null when it cannot be used, which has been reported. */
  private @Nullable Endpoint endpoint(Value entry) {
    int before = problems.count();
    if (!checkFields(entry)) {
      return null;
    }
    String name = name(entry.field("name"));
    String namespace = text(entry.field("namespace"));
    String address = address(entry.field("address"));
    int port = port(entry.field("port"));
    Map<String, String> labels = labels(entry.field("labels"));
    if (name == null || namespace == null || address == null || problems.count() > before) {
      return null;
    }
    EndpointId id = new EndpointId(namespace.isEmpty() ? DEFAULT_NAMESPACE : namespace, name);
    return Endpoint.of(id, address, port, labels);
  }

  private @Nullable String name(Value given) {
    String name = text(given);
    if (name != null && name.isEmpty()) {
      problems.add(given.spot(), "is required");
    }
    return name;
  }

  private @Nullable String address(Value given) {
    String address = text(given);
    if (address != null && !isAddress(address)) {
      problems.add(
          given.spot(),
          "must be an IPv4 or IPv6 address, host names are not resolved; was " + quoted(address));
    }
    return address;
  }

  private int port(Value given) {
    String text = text(given);
    if (text == null) {
      return 0;
    }
    int port = DECIMAL.matcher(text).matches() ? Integer.parseInt(text) : 0;
    if (port < 1 || port > 65_535) {
      problems.add(given.spot(), "must be within 1 and 65535, was " + quoted(text));
    }
    return port;
  }

  private Map<String, String> labels(Value given) {
    if (given.isNothing()) {
      return Map.of();
    }
    Map<String, String> labels = new HashMap<>();
    try {
      for (Map.Entry<String, Value> label : given.fields().entrySet()) {
        String value = text(label.getValue());
        if (value != null) {
          labels.put(label.getKey(), value);
        }
      }
    } catch (Mistyped e) {
      problems.add(given.spot(), e.getMessage());
    }
    return labels;
  }

  /** A null reads as an empty text. Null for what is no text, which has been reported. */
  private @Nullable String text(Value given) {
    try {
      return given.isNothing() ? "" : given.text();
    } catch (Mistyped e) {
      problems.add(given.spot(), e.getMessage() + "; put it in quotes");
      return null;
    }
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
    return "\"" + text + "\"";
  }

  private void throwIfMalformed() throws DiscoveryException {
    if (problems.count() > 0) {
      String shown =
          problems.inOrder().stream()
              .limit(MAX_PROBLEMS)
              .map(this::shown)
              .collect(Collectors.joining("; "));
      int rest = problems.count() - MAX_PROBLEMS;
      throw new DiscoveryException(rest > 0 ? shown + "; and " + rest + " more" : shown);
    }
  }

  /** A problem in a length that suits a log line: it may quote the whole file. */
  private String shown(Problem problem) {
    String text = problem.toString();
    int limit = file.length() + MAX_PROBLEM_CHARACTERS;
    return text.length() <= limit ? text : text.substring(0, limit) + "…";
  }
}
