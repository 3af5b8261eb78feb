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

  private static final String METRICS_ADDRESS = "metricsAddress";
  private static final String METRICS_PORT = "metricsPort";

  private final String file;
  private final AddressRules addresses;
  private final Problems problems;

  private EndpointList(String file, AddressRules addresses) {
    this.file = file;
    this.addresses = addresses;
    this.problems = new Problems(file);
  }

  /**
   * All endpoints of the file, in its order.
   *
   * @param file the name that problems are reported under
   * @param addresses which addresses may be given; where names may, labels may say where metrics
   *     are
   * @throws DiscoveryException when anything is wrong; names every problem with its place
   */
  static List<Endpoint> parse(String file, AddressRules addresses, byte[] content)
      throws DiscoveryException {
    EndpointList list = new EndpointList(file, addresses);
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
    String metrics = metricsHost(entry.field("labels"), labels, port);
    if (name == null || namespace == null || address == null || problems.count() > before) {
      return null;
    }
    EndpointId id = new EndpointId(namespace.isEmpty() ? DEFAULT_NAMESPACE : namespace, name);
    return new Endpoint(
        id,
        name,
        address,
        port,
        metrics.isEmpty() ? Endpoint.hostPort(address, port) : metrics,
        labels,
        0);
  }

  /** Where labels put the metrics; empty where they do not. */
  private String metricsHost(Value given, Map<String, String> labels, int port) {
    String address = labels.getOrDefault(METRICS_ADDRESS, "");
    if (addresses != AddressRules.LITERALS_AND_NAMES || address.isEmpty()) {
      return "";
    }
    if (!addresses.allows(address)) {
      problems.add(
          given.field(METRICS_ADDRESS).spot(), addresses.demand() + "; was " + quoted(address));
    }
    boolean hasPort = !labels.getOrDefault(METRICS_PORT, "").isEmpty();
    return Endpoint.hostPort(address, hasPort ? port(given.field(METRICS_PORT)) : port);
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
    if (address != null && !addresses.allows(address)) {
      problems.add(given.spot(), addresses.demand() + "; was " + quoted(address));
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
