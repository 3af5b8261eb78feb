package ai.llmd.epp.sidecar.cli;

import ai.llmd.epp.commandline.Flag;
import ai.llmd.epp.commandline.FlagParser;
import ai.llmd.epp.commandline.GivenFlags;
import ai.llmd.epp.commandline.ParsedFlags;
import ai.llmd.epp.yaml.NearestName;
import ai.llmd.epp.yaml.Problems;
import ai.llmd.epp.yaml.Value;
import ai.llmd.epp.yaml.YamlSource;
import ai.llmd.epp.yaml.YamlText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settings in a YAML document: keys are names of flags without their dashes, and of those not all.
 * Zero and an empty text are as if they were not there, as in the reference. Used once.
 */
final class SettingsDocument {

  private static final Logger log = LoggerFactory.getLogger(SettingsDocument.class);

  /** The flags that may be set; all {@code moriio-} flags and those of the log may not. */
  private static final List<Flag<?>> FLAGS =
      List.of(
          SidecarFlags.PORT,
          SidecarFlags.MODEL_SERVER_PORT,
          SidecarFlags.VLLM_PORT,
          SidecarFlags.MOONCAKE_BOOTSTRAP_PORT,
          SidecarFlags.P2P_CONNECTOR_PORT,
          SidecarFlags.DATA_PARALLEL_SIZE,
          SidecarFlags.KV_CONNECTOR,
          SidecarFlags.EC_CONNECTOR,
          SidecarFlags.ENABLE_SSRF_PROTECTION,
          SidecarFlags.ENABLE_PREFILLER_SAMPLING,
          SidecarFlags.ENABLE_P2P_PULL,
          SidecarFlags.SECURE_PROXY,
          SidecarFlags.CERT_PATH,
          SidecarFlags.ENABLE_TLS,
          SidecarFlags.TLS_INSECURE_SKIP_VERIFY,
          SidecarFlags.ALLOWED_HOSTS,
          SidecarFlags.INFERENCE_POOL,
          SidecarFlags.POOL_GROUP,
          SidecarFlags.MAX_IDLE_CONNS_PER_HOST,
          SidecarFlags.PREFILL_MAX_RETRIES,
          SidecarFlags.PREFILL_RETRY_BACKOFF,
          SidecarFlags.PREFILL_FALLBACK_TIMEOUT,
          SidecarFlags.DECODE_CHUNK_SIZE,
          SidecarFlags.TRACING,
          SidecarFlags.METRICS_PORT);

  private static final GivenFlags NOTHING = parsed(List.of());

  private final Problems problems;
  private final Map<String, Flag<?>> known = new LinkedHashMap<>();
  private final List<String> arguments = new ArrayList<>();

  private SettingsDocument(Problems problems) {
    this.problems = problems;
    FLAGS.forEach(flag -> known.put(flag.name().substring(2), flag));
  }

  /**
   * Reads what {@code --configuration} or {@code --configuration-file} gives, as if it were a
   * command line.
   *
   * @param complaints gets a line for each thing that is wrong
   */
  static GivenFlags read(GivenFlags commandLine, List<String> complaints) {
    String text = commandLine.get(SidecarFlags.CONFIGURATION);
    String file = commandLine.get(SidecarFlags.CONFIGURATION_FILE);
    if (!text.isEmpty() && !file.isEmpty()) {
      complaints.add("--configuration-file: give it or --configuration, not both");
      return NOTHING;
    }
    try {
      YamlSource source =
          file.isEmpty() ? new YamlSource("--configuration", text) : YamlSource.ofFile(file);
      return read(source, complaints);
    } catch (IOException e) {
      complaints.add("--configuration-file: " + e.getMessage());
      return NOTHING;
    }
  }

  private static GivenFlags read(YamlSource source, List<String> complaints) {
    Problems problems = new Problems(source.origin());
    Value document = YamlText.read(source.text(), source.origin(), problems);
    SettingsDocument settings = new SettingsDocument(problems);
    if (problems.count() == 0 && !document.isNothing()) {
      settings.addAll(document);
    }
    problems.inOrder().forEach(problem -> complaints.add(problem.toString()));
    return problems.count() == 0 ? parsed(settings.arguments) : NOTHING;
  }

  private static GivenFlags parsed(List<String> arguments) {
    ParsedFlags parsed =
        new FlagParser("pd-sidecar", "", FLAGS).parse(arguments.toArray(String[]::new));
    return switch (parsed) {
      case ParsedFlags.Given given -> given.flags();
      case ParsedFlags.Leave leave ->
          throw new IllegalStateException(leave.text()); // all were read
    };
  }

  private void addAll(Value document) {
    try {
      document.fields().forEach(this::add);
    } catch (Value.Mistyped e) {
      problems.add(document.spot(), e.getMessage());
    }
  }

  private void add(String key, Value value) {
    Flag<?> flag = known.get(key);
    if (flag == null) {
      problems.add(value.nameSpot(), "unknown key; " + NearestName.suggestion(key, known.keySet()));
      return;
    }
    if (value.isNothing()) {
      return;
    }
    try {
      String text = text(flag, value);
      if (text != null) {
        flag.reader().read(text);
        arguments.add(flag.name() + "=" + text);
      }
    } catch (Value.Mistyped | IllegalArgumentException e) {
      problems.add(value.spot(), String.valueOf(e.getMessage()));
    }
  }

  /** As on a command line; null when it is as if it were not there. */
  private static @Nullable String text(Flag<?> flag, Value value) throws Value.Mistyped {
    return switch (flag.initial()) {
      case Boolean ignored -> Boolean.toString(value.bool());
      case Integer ignored -> {
        long number = value.integer(Integer.MIN_VALUE, Integer.MAX_VALUE);
        yield number == 0 ? null : Long.toString(number);
      }
      case List<?> ignored -> {
        List<String> items = new ArrayList<>();
        for (Value item : value.items()) {
          items.add(item.text());
        }
        yield items.isEmpty() ? null : String.join(",", items);
      }
      case String ignored -> value.text().isEmpty() ? null : value.text();
      default -> duration(flag, value);
    };
  }

  private static @Nullable String duration(Flag<?> flag, Value value) throws Value.Mistyped {
    String text = value.text();
    try {
      flag.reader().read(text);
      return text.isEmpty() ? null : text;
    } catch (IllegalArgumentException e) {
      log.warn("{}: {}; the default counts", flag.name().substring(2), e.getMessage());
      return null;
    }
  }
}
