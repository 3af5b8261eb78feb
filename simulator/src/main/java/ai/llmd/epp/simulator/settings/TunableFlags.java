package ai.llmd.epp.simulator.settings;

import ai.llmd.epp.commandline.GoDuration;
import ai.llmd.epp.simulator.engine.Delay;
import ai.llmd.epp.simulator.engine.Latencies;
import ai.llmd.epp.simulator.engine.Latencies.Calculator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * The flags that the command line and {@code POST /admin/config} share, with their names, defaults
 * and checks in one place.
 */
public final class TunableFlags {

  @Option(
      names = "--time-to-first-token",
      paramLabel = "DURATION",
      description = "From start to first token, whatever the prompt.")
  private Duration timeToFirstToken = Duration.ZERO;

  @Option(names = "--time-to-first-token-std-dev", paramLabel = "DURATION")
  private Duration timeToFirstTokenStdDev = Duration.ZERO;

  @Option(
      names = "--inter-token-latency",
      paramLabel = "DURATION",
      description = "Between two tokens.")
  private Duration interTokenLatency = Duration.ZERO;

  @Option(names = "--inter-token-latency-std-dev", paramLabel = "DURATION")
  private Duration interTokenLatencyStdDev = Duration.ZERO;

  @Option(
      names = "--kv-cache-transfer-latency",
      paramLabel = "DURATION",
      description = "Fetching a prompt that was prefilled elsewhere.")
  private Duration kvCacheTransferLatency = Duration.ZERO;

  @Option(names = "--kv-cache-transfer-latency-std-dev", paramLabel = "DURATION")
  private Duration kvCacheTransferLatencyStdDev = Duration.ZERO;

  @Option(
      names = "--prefill-overhead",
      paramLabel = "DURATION",
      description = "Constant part of a prefill that is computed per token.")
  private Duration prefillOverhead = Duration.ZERO;

  @Option(
      names = "--prefill-time-per-token",
      paramLabel = "DURATION",
      description = "One uncached prompt token.")
  private Duration prefillTimePerToken = Duration.ZERO;

  @Option(names = "--prefill-time-std-dev", paramLabel = "DURATION")
  private Duration prefillTimeStdDev = Duration.ZERO;

  @Option(
      names = "--kv-cache-transfer-time-per-token",
      paramLabel = "DURATION",
      description = "Fetching one prompt token that was prefilled elsewhere.")
  private Duration kvCacheTransferTimePerToken = Duration.ZERO;

  @Option(names = "--kv-cache-transfer-time-std-dev", paramLabel = "DURATION")
  private Duration kvCacheTransferTimeStdDev = Duration.ZERO;

  @Option(
      names = "--time-factor-under-load",
      paramLabel = "FACTOR",
      description = "Slow-down when all slots are in use, 1 or more.")
  private double timeFactorUnderLoad = 1;

  @Option(
      names = "--latency-calculator",
      paramLabel = "NAME",
      description = "constant, per-token, or nothing for the first that is set.")
  private String latencyCalculator = "";

  @Option(
      names = "--truncate-ms",
      arity = "0..1",
      fallbackValue = "true",
      description = "Cut latencies to whole milliseconds, as the reference simulator does.")
  private boolean truncateMs;

  @Option(
      names = "--failure-injection-rate",
      paramLabel = "PERCENT",
      description = "Share of completion requests that get an error.")
  private int failureInjectionRate;

  @Option(
      names = "--failure-types",
      paramLabel = "TYPE",
      split = "[, ]",
      description = "Errors to choose from: ${COMPLETION-CANDIDATES}. All when absent.")
  private List<FailureType> failureTypes = List.of();

  @Option(
      names = "--connection-drop-rate",
      paramLabel = "PERCENT",
      description = "Share of completion requests whose connection is closed without an answer.")
  private int connectionDropRate;

  @Option(
      names = "--response-delay",
      paramLabel = "DURATION",
      description = "Rest before a completion request is handled.")
  private Duration responseDelay = Duration.ZERO;

  @Option(
      names = "--fake-metrics",
      paramLabel = "JSON",
      description = "Gauges to report: running-requests, waiting-requests, kv-cache-usage, loras.")
  private @Nullable FakeMetrics fakeMetrics;

  /** Teaches a parser the types that these flags and others need. */
  public static CommandLine withTypes(CommandLine parser) {
    return parser
        .registerConverter(Duration.class, TunableFlags::duration)
        .registerConverter(FakeMetrics.class, FakeMetrics::parse)
        .setCaseInsensitiveEnumValuesAllowed(true);
  }

  /**
   * The tuning of a command line that was parsed.
   *
   * @throws IllegalArgumentException when the values contradict each other
   */
  public static Tuning tuning(ParseResult commandLine) {
    Map<String, String> assigned = new LinkedHashMap<>();
    CommandLine own = new CommandLine(new TunableFlags());
    for (OptionSpec option : commandLine.matchedOptions()) {
      if (own.getCommandSpec().findOption(option.longestName()) != null) {
        assigned.put(
            option.longestName().substring(2), String.join(",", option.originalStringValues()));
      }
    }
    return tuning(assigned);
  }

  /** The tuning that some flags make, by name without dashes. */
  static Tuning tuning(Map<String, String> assigned) {
    TunableFlags flags = new TunableFlags();
    List<String> arguments = new ArrayList<>();
    assigned.forEach((name, value) -> arguments.add("--" + name + "=" + value));
    try {
      withTypes(new CommandLine(flags))
          .setExpandAtFiles(false) // or a value could name a file
          .parseArgs(arguments.toArray(String[]::new));
    } catch (ParameterException wrong) {
      throw new IllegalArgumentException(wrong.getMessage(), wrong);
    }
    return flags.toTuning(assigned);
  }

  private Tuning toTuning(Map<String, String> assigned) {
    Latencies latencies =
        new Latencies(
            delay("time-to-first-token", timeToFirstToken, timeToFirstTokenStdDev),
            delay("inter-token-latency", interTokenLatency, interTokenLatencyStdDev),
            delay(
                "kv-cache-transfer-latency", kvCacheTransferLatency, kvCacheTransferLatencyStdDev),
            prefillOverhead,
            prefillTimePerToken,
            prefillTimeStdDev,
            kvCacheTransferTimePerToken,
            kvCacheTransferTimeStdDev,
            timeFactorUnderLoad,
            calculator(latencyCalculator),
            truncateMs);
    Failures failures =
        new Failures(
            failureInjectionRate,
            failureTypes.isEmpty() ? List.of(FailureType.values()) : failureTypes,
            connectionDropRate,
            responseDelay);
    return new Tuning(latencies, failures, fakeMetrics, assigned);
  }

  private static Duration duration(String text) {
    try {
      return GoDuration.parseUnsigned(text);
    } catch (IllegalArgumentException wrong) {
      throw new CommandLine.TypeConversionException(wrong.getMessage());
    }
  }

  private static Delay delay(String flag, Duration mean, Duration deviation) {
    try {
      return new Delay(mean, deviation);
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(flag + ": " + wrong.getMessage(), wrong);
    }
  }

  private static Calculator calculator(String name) {
    return switch (name) {
      case "" -> Calculator.EITHER;
      case "constant" -> Calculator.CONSTANT;
      case "per-token" -> Calculator.PER_TOKEN;
      default ->
          throw new IllegalArgumentException(
              "latency-calculator must be constant, per-token or empty, was \"" + name + "\"");
    };
  }
}
