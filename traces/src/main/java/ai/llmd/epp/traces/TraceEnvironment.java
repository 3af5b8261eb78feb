package ai.llmd.epp.traces;

import ai.llmd.epp.traces.TraceSettings.Exporter;
import ai.llmd.epp.traces.TraceSettings.Otlp;
import ai.llmd.epp.traces.TraceSettings.Protocol;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the OpenTelemetry environment variables (OpenTelemetry specification, "Environment Variable
 * Specification" and "OTLP Exporter") with the reference's rules. Nothing in them stops the start:
 * what cannot be used is reported, and its default counts. Used once.
 */
final class TraceEnvironment {

  private static final double DEFAULT_RATIO = 0.1;
  private static final String OTLP = "OTEL_EXPORTER_OTLP_";
  private static final String TRACES = "OTEL_EXPORTER_OTLP_TRACES_";
  private static final Pattern HEADER_NAME = Pattern.compile("[0-9A-Za-z_.-]+");
  private static final long MAX_QUEUE = 1 << 20;
  private static final long MAX_MILLIS = Duration.ofHours(1).toMillis();

  private final String service;
  private final Map<String, String> variables;
  private final Consumer<String> warnings;

  /**
   * @param service name of the program where no variable gives one
   * @param warnings receives a sentence for each variable that cannot be used; never its value
   *     where that may hold a credential
   */
  TraceEnvironment(String service, Map<String, String> variables, Consumer<String> warnings) {
    this.service = service;
    this.variables = variables;
    this.warnings = warnings;
  }

  TraceSettings read() {
    Exporter exporter = exporter();
    return new TraceSettings(exporter, ratio(), resource(), otlp(), queue());
  }

  private String value(String name) {
    String value = variables.get(name);
    return value == null ? "" : value.strip();
  }

  /** The variable of traces counts before that of all signals. */
  private String otlpValue(String suffix) {
    String own = value(TRACES + suffix);
    return own.isEmpty() ? value(OTLP + suffix) : own;
  }

  private Exporter exporter() {
    if (value("OTEL_SDK_DISABLED").equalsIgnoreCase("true")) {
      return Exporter.NONE;
    }
    String name = value("OTEL_TRACES_EXPORTER");
    return switch (name) {
      case "", "none" -> Exporter.NONE;
      case "console" -> Exporter.CONSOLE;
      case "otlp" -> Exporter.OTLP;
      default -> {
        warnings.accept(
            "OTEL_TRACES_EXPORTER: no exporter \"" + name + "\"; known: otlp, console, none");
        yield Exporter.NONE;
      }
    };
  }

  private double ratio() {
    String sampler = value("OTEL_TRACES_SAMPLER");
    if (!sampler.isEmpty() && !sampler.equals("parentbased_traceidratio")) {
      warnings.accept(
          "OTEL_TRACES_SAMPLER: \""
              + sampler
              + "\" is not supported; parentbased_traceidratio with 0.1 is used");
      return DEFAULT_RATIO;
    }
    String text = value("OTEL_TRACES_SAMPLER_ARG");
    try {
      double ratio = text.isEmpty() ? DEFAULT_RATIO : Double.parseDouble(text);
      if (!Double.isNaN(ratio)) {
        return Math.clamp(ratio, 0, 1);
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    warnings.accept("OTEL_TRACES_SAMPLER_ARG: \"" + text + "\" is no number; 0.1 is used");
    return DEFAULT_RATIO;
  }

  private Map<String, String> resource() {
    Map<String, String> resource = new LinkedHashMap<>();
    resource.put("service.name", service);
    resource.putAll(pairs("OTEL_RESOURCE_ATTRIBUTES", value("OTEL_RESOURCE_ATTRIBUTES")));
    String given = value("OTEL_SERVICE_NAME");
    if (!given.isEmpty()) {
      resource.put("service.name", given);
    }
    return resource;
  }

  /** {@code a=b,c=d} with values in percent encoding, as the W3C's baggage has them. */
  private Map<String, String> pairs(String name, String text) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String entry : text.split(",", -1)) {
      int equals = entry.indexOf('=');
      String key = equals < 0 ? "" : entry.substring(0, equals).strip();
      if (!key.isEmpty()) {
        pairs.put(key, decoded(entry.substring(equals + 1).strip()));
      } else if (!entry.isBlank()) {
        warnings.accept(name + ": an entry is not of the form name=value, and is left out");
      }
    }
    return pairs;
  }

  private static String decoded(String value) {
    try {
      return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) { // a stray percent sign
      return value;
    }
  }

  private Otlp otlp() {
    Protocol protocol = protocol();
    return new Otlp(
        protocol,
        endpoint(protocol),
        headers(),
        Duration.ofMillis(number(OTLP + "TIMEOUT", otlpValue("TIMEOUT"), 10_000, MAX_MILLIS)),
        isCompressed(),
        path("CERTIFICATE"),
        path("CLIENT_KEY"),
        path("CLIENT_CERTIFICATE"));
  }

  /** One that no request can carry would have every export fail. */
  private Map<String, String> headers() {
    Map<String, String> headers = pairs(OTLP + "HEADERS", otlpValue("HEADERS"));
    if (headers.entrySet().removeIf(header -> !isHeader(header.getKey(), header.getValue()))) {
      warnings.accept(
          OTLP
              + "HEADERS: an entry has a name or a value that no header can have, and is left out");
    }
    return headers;
  }

  /** As gRPC has them, whose names are the narrower ones; those of bytes end in -bin. */
  private static boolean isHeader(String name, String value) {
    return HEADER_NAME.matcher(name).matches()
        && !name.toLowerCase(Locale.ROOT).endsWith("-bin")
        && value.chars().allMatch(c -> c >= ' ' && c <= '~');
  }

  private Protocol protocol() {
    String name = otlpValue("PROTOCOL");
    return switch (name) {
      case "", "grpc" -> Protocol.GRPC;
      case "http/protobuf" -> Protocol.HTTP;
      default -> {
        warnings.accept(
            OTLP + "PROTOCOL: \"" + name + "\" is not supported; known: grpc, http/protobuf");
        yield Protocol.GRPC;
      }
    };
  }

  private boolean isCompressed() {
    String name = otlpValue("COMPRESSION");
    if (!name.isEmpty() && !name.equals("none") && !name.equals("gzip")) {
      warnings.accept(OTLP + "COMPRESSION: \"" + name + "\" is not supported; known: gzip, none");
    }
    return name.equals("gzip");
  }

  private @Nullable Path path(String suffix) {
    String name = otlpValue(suffix);
    return name.isEmpty() ? null : Path.of(name);
  }

  private URI endpoint(Protocol protocol) {
    String own = value(TRACES + "ENDPOINT");
    String shared = value(OTLP + "ENDPOINT");
    String text = own.isEmpty() ? shared : own;
    String path = protocol == Protocol.HTTP && own.isEmpty() ? "/v1/traces" : "";
    URI given = text.isEmpty() ? null : uri(text, path);
    if (given != null) {
      return given;
    }
    String port = protocol == Protocol.GRPC ? "4317" : "4318";
    String tail = protocol == Protocol.HTTP ? "/v1/traces" : "";
    return URI.create(scheme() + "://localhost:" + port + tail);
  }

  private @Nullable URI uri(String text, String path) {
    String whole = text.contains("://") ? text : scheme() + "://" + text;
    String bare = whole.endsWith("/") ? whole.substring(0, whole.length() - 1) : whole;
    try {
      URI uri = new URI(bare + path);
      String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
      if (uri.getHost() != null && (scheme.equals("http") || scheme.equals("https"))) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // reported below
    }
    warnings.accept(
        OTLP + "ENDPOINT: is no address such as http://collector:4317; localhost is used");
    return null;
  }

  /** For an address that names none: plaintext where nothing asks for TLS. */
  private String scheme() {
    String insecure = otlpValue("INSECURE");
    boolean isSecure =
        insecure.isEmpty()
            ? !otlpValue("CERTIFICATE").isEmpty() || !otlpValue("ENDPOINT").isEmpty()
            : !insecure.equalsIgnoreCase("true");
    return isSecure ? "https" : "http";
  }

  private SpanQueue.Limits queue() {
    SpanQueue.Limits usual = SpanQueue.Limits.DEFAULT;
    int spans = (int) bound("OTEL_BSP_MAX_QUEUE_SIZE", usual.spans(), MAX_QUEUE);
    int batch = (int) bound("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", usual.batch(), MAX_QUEUE);
    return new SpanQueue.Limits(
        spans,
        Math.min(batch, spans),
        Duration.ofMillis(bound("OTEL_BSP_SCHEDULE_DELAY", usual.delay().toMillis(), MAX_MILLIS)),
        Duration.ofMillis(
            bound("OTEL_BSP_EXPORT_TIMEOUT", usual.exportTimeout().toMillis(), MAX_MILLIS)));
  }

  private long bound(String name, long usual, long most) {
    return number(name, value(name), usual, most);
  }

  private long number(String name, String text, long usual, long most) {
    if (text.isEmpty()) {
      return usual;
    }
    try {
      long number = Long.parseLong(text);
      if (number > 0) {
        return Math.min(number, most);
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    warnings.accept(name + ": \"" + text + "\" is no positive number; " + usual + " is used");
    return usual;
  }
}
