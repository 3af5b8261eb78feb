package ai.llmd.epp.simulator;

import ai.llmd.epp.simulator.engine.BatchCosts;
import ai.llmd.epp.simulator.engine.Capacity;
import ai.llmd.epp.simulator.settings.Identity;
import ai.llmd.epp.simulator.settings.KvEventSettings;
import ai.llmd.epp.simulator.settings.KvTransfer;
import ai.llmd.epp.simulator.settings.KvTransfer.Connector;
import ai.llmd.epp.simulator.settings.KvTransfer.Role;
import ai.llmd.epp.simulator.settings.Mode;
import ai.llmd.epp.simulator.settings.ModelServerSettings;
import ai.llmd.epp.simulator.settings.TunableFlags;
import ai.llmd.epp.simulator.settings.Tuning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command line; names are the reference simulator's where it has them. */
@Command(
    name = "simulator",
    description = "Model servers that behave like vLLM, without a GPU.",
    customSynopsis = "simulator [--port N] [--servers N] [--mode random|echo] [options]",
    sortOptions = false)
final class SimulatorFlags {

  /** How time passes. */
  enum TimeModel {
    /** Every request follows its own latencies, as in the reference simulator. */
    REFERENCE,
    /** One engine loop with continuous batching: a long prefill slows down its neighbours. */
    BATCH;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String REQUEST_ID = "X-Request-Id";
  private static final int BYTES_PER_MEGABYTE = 1024 * 1024;

  @Option(names = "--host", description = "Address to bind. Default: ${DEFAULT-VALUE}")
  String host = "127.0.0.1";

  @Option(
      names = "--port",
      description = "Port of the first server, 0 for any. Default: ${DEFAULT-VALUE}")
  int port = 8000;

  @Option(
      names = {"--servers", "--data-parallel-size"},
      description = "Servers on consecutive ports, 1 to 64. Default: ${DEFAULT-VALUE}")
  int servers = 1;

  @Option(names = "--model", description = "Name of the model. Default: $SIM_MODEL, or simulated")
  private @Nullable String model;

  @Option(
      names = "--served-model-name",
      split = "[ ,]",
      arity = "1..*",
      description = "Names that clients use instead, the first is shown in metrics.")
  private List<String> servedModelNames = List.of();

  @Option(
      names = "--lora-modules",
      arity = "1..*",
      paramLabel = "JSON",
      description = "LoRA adapters known at the start: {\"name\": …} each, or just the name.")
  private List<String> loraModules = List.of();

  @Option(names = "--max-loras", description = "Adapters loaded at once. Default: ${DEFAULT-VALUE}")
  private int maxLoras = 1;

  @Option(
      names = "--mode",
      description = "What is answered: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Mode mode = Mode.RANDOM;

  @Option(
      names = "--random-tokens",
      description = "Length of a random answer without max_tokens. Default: ${DEFAULT-VALUE}")
  private int randomTokens = 40;

  @Option(
      names = "--max-num-seqs",
      description = "Requests that run at once. Default: ${DEFAULT-VALUE}")
  private int maxNumSeqs = 5;

  @Option(
      names = "--max-waiting-queue-length",
      description = "Requests that wait; beyond it the answer is 429. Default: ${DEFAULT-VALUE}")
  private int maxWaiting = 1000;

  @Option(
      names = "--max-model-len",
      description = "Tokens of a prompt and its answer. Default: ${DEFAULT-VALUE}")
  private int maxModelLen = 1_048_576;

  @Option(
      names = "--max-request-body-size-mb",
      description = "Longest body, 1 to 512 MiB. Default: ${DEFAULT-VALUE}")
  private int maxBodyMegabytes = 64;

  @Option(
      names = "--enable-kvcache",
      arity = "0..1",
      fallbackValue = "true",
      description = "Whether prompts leave blocks in a prefix cache. Default: ${DEFAULT-VALUE}")
  private boolean enableKvCache = true;

  @Option(names = "--kv-cache-size", description = "Blocks. Default: ${DEFAULT-VALUE}")
  private int kvCacheSize = 65_536;

  @Option(names = "--block-size", description = "Tokens of a block. Default: ${DEFAULT-VALUE}")
  private int blockSize = 16;

  @Option(
      names = "--cache-generated",
      arity = "0..1",
      fallbackValue = "true",
      description = "Whether answers leave blocks too. Default: with --time-model batch")
  private @Nullable Boolean cacheGenerated;

  @Option(names = "--hash-seed", description = "Seed of block hashes. Default: $PYTHONHASHSEED")
  private @Nullable String hashSeed;

  @Option(
      names = "--time-model",
      description =
          "reference: the latencies below; batch: an engine loop. Default: ${DEFAULT-VALUE}")
  private TimeModel timeModel = TimeModel.REFERENCE;

  @Option(
      names = "--batch-iteration-time",
      paramLabel = "DURATION",
      description = "Overhead of an iteration of the loop. Default: 5ms")
  private Duration batchIterationTime = Duration.ofMillis(5);

  @Option(
      names = "--batch-prefill-time-per-token",
      paramLabel = "DURATION",
      description = "One uncached prompt token in the loop. Default: 50us")
  private Duration batchPrefillTime = Duration.ofNanos(50_000);

  @Option(
      names = "--batch-decode-time",
      paramLabel = "DURATION",
      description = "One generating request per iteration. Default: 200us")
  private Duration batchDecodeTime = Duration.ofNanos(200_000);

  @Option(
      names = "--max-num-batched-tokens",
      description = "Prompt tokens per iteration. Default: ${DEFAULT-VALUE}")
  private int maxBatchedTokens = 2048;

  @Option(names = "--seed", description = "Of all randomness. Default: the time")
  private @Nullable Long seed;

  @Option(
      names = "--startup-duration",
      paramLabel = "DURATION",
      description = "How long /health/ready answers 503.")
  private Duration startupDuration = Duration.ZERO;

  @Option(
      names = "--enable-request-id-headers",
      arity = "0..1",
      fallbackValue = "true",
      description = "Whether X-Request-Id comes back.")
  private boolean echoRequestIds;

  @Option(
      names = "--echo-request-headers",
      split = ",",
      paramLabel = "NAME",
      description = "Request headers that come back with the answer.")
  private List<String> echoedHeaders = List.of();

  @Option(names = "--pod-name", description = "For x-inference-pod. Default: $POD_NAME")
  private @Nullable String podName;

  @Option(
      names = "--pod-namespace",
      description = "For x-inference-namespace. Default: $POD_NAMESPACE")
  private @Nullable String podNamespace;

  @Option(
      names = "--kv-transfer-config",
      paramLabel = "JSON",
      description =
          "Exchange of KV blocks with other simulators, as vLLM takes it: kv_connector"
              + " (NixlConnector, MoRIIOConnector, MooncakeConnector, OffloadingConnector),"
              + " kv_role, kv_load_failure_policy (recompute, fail). Default: dummies, nothing is"
              + " checked")
  private @Nullable String kvTransferConfig;

  @Option(
      names = "--disaggregation-mode",
      paramLabel = "prefill|decode",
      description =
          "The same as SGLang takes it: a server that computes prompts, or one that answers.")
  private @Nullable String disaggregationMode;

  @Option(
      names = "--kv-transfer-timeout",
      paramLabel = "DURATION",
      description = "How long blocks are waited for that another server computes. Default: 30s")
  private Duration kvTransferTimeout = Duration.ofSeconds(30);

  @Option(
      names = "--zmq-endpoint",
      paramLabel = "ADDRESS",
      description =
          "Where KV-cache events are published: tcp://*:5557 is bound at the address of --host, and"
              + " one port higher for each further server; another address is connected to."
              + " Default: nowhere")
  private String zmqEndpoint = "";

  @Option(
      names = "--kv-events-replay-endpoint",
      paramLabel = "ADDRESS",
      description = "Where missed events are asked for; as above. Default: nowhere")
  private String kvEventsReplayEndpoint = "";

  @Option(
      names = "--kv-events-replay-queue-size",
      description = "Messages that can be asked for again. Default: ${DEFAULT-VALUE}")
  private int kvEventsReplayQueueSize = 1024;

  @Option(
      names = "--event-batch-size",
      description = "Events of one message. Default: ${DEFAULT-VALUE}")
  private int eventBatchSize = 16;

  @Option(
      names = "--use-vllm-map-event-format",
      arity = "0..1",
      fallbackValue = "true",
      description = "Whether events are maps, as SGLang writes them, or arrays.")
  private boolean useMapEvents;

  @Option(
      names = "--kv-events-loss-percent",
      description = "Share of the messages that get lost. Default: ${DEFAULT-VALUE}")
  private int kvEventsLossPercent;

  @SuppressWarnings("unused") // filled for its checks; the values come from the parse result
  @Mixin
  private final TunableFlags tunable = new TunableFlags();

  @SuppressWarnings("unused") // not read
  @Mixin
  private final IgnoredFlags ignored = new IgnoredFlags();

  @SuppressWarnings("unused") // the parser is asked instead
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this and exit.")
  private boolean help;

  /**
   * What the flags say.
   *
   * @param tuning what the shared flags say
   * @param environment variables of the process
   * @throws IllegalArgumentException when a value is out of its range
   */
  ModelServerSettings settings(Tuning tuning, Map<String, String> environment) {
    require(port >= 0 && port <= 65_535, "port must be within 0 and 65535, was " + port);
    require(servers >= 1 && servers <= 64, "servers must be within 1 and 64, was " + servers);
    require(port + servers <= 65_536, "there are not as many ports as servers");
    require(
        maxBodyMegabytes >= 1 && maxBodyMegabytes <= 512,
        "max-request-body-size-mb must be within 1 and 512, was " + maxBodyMegabytes);
    return new ModelServerSettings(
        modelNames(environment),
        loraModules.stream().map(LoraModule::name).toList(),
        mode,
        randomTokens,
        maxModelLen,
        capacity(environment),
        timeModel == TimeModel.BATCH
            ? new BatchCosts(
                batchIterationTime, batchPrefillTime, batchDecodeTime, maxBatchedTokens)
            : null,
        tuning,
        seed == null ? System.nanoTime() : seed,
        startupDuration,
        echoedHeaders(),
        maxBodyMegabytes * BYTES_PER_MEGABYTE,
        new Identity(
            firstOf(podName, environment.get("POD_NAME"), "simulator"),
            firstOf(podNamespace, environment.get("POD_NAMESPACE"), "default")),
        transfer(environment),
        kvEvents(environment),
        0);
  }

  private @Nullable KvEventSettings kvEvents(Map<String, String> environment) {
    return zmqEndpoint.isEmpty()
        ? null
        : new KvEventSettings(
            zmqEndpoint,
            kvEventsReplayEndpoint,
            kvEventsReplayQueueSize,
            eventBatchSize,
            useMapEvents,
            reached(environment),
            isBoundEverywhere() ? "" : host,
            kvEventsLossPercent);
  }

  private boolean isBoundEverywhere() {
    return host.equals("0.0.0.0") || host.equals("::");
  }

  private String reached(Map<String, String> environment) {
    String bound = isBoundEverywhere() ? "localhost" : host;
    return firstOf(null, environment.get("POD_IP"), bound);
  }

  private @Nullable KvTransfer transfer(Map<String, String> environment) {
    require(
        kvTransferConfig == null || disaggregationMode == null,
        "kv-transfer-config and disaggregation-mode exclude each other");
    String reached = reached(environment);
    if (kvTransferConfig != null) {
      return KvTransferConfig.read(kvTransferConfig, reached, kvTransferTimeout);
    }
    if (disaggregationMode == null) {
      return null;
    }
    Role role =
        switch (disaggregationMode) {
          case "prefill" -> Role.PRODUCER;
          case "decode" -> Role.CONSUMER;
          default ->
              throw new IllegalArgumentException(
                  "disaggregation-mode must be prefill or decode, was " + disaggregationMode);
        };
    return new KvTransfer(Connector.SGLANG, role, false, reached, kvTransferTimeout);
  }

  private List<String> echoedHeaders() {
    List<String> names = new ArrayList<>(echoedHeaders);
    if (echoRequestIds) {
      names.add(REQUEST_ID);
    }
    return names;
  }

  private Capacity capacity(Map<String, String> environment) {
    return new Capacity(
        maxNumSeqs,
        maxWaiting,
        maxLoras,
        kvCacheSize,
        blockSize,
        enableKvCache,
        cacheGenerated == null ? timeModel == TimeModel.BATCH : cacheGenerated,
        firstOf(hashSeed, environment.get("PYTHONHASHSEED"), "").hashCode());
  }

  private List<String> modelNames(Map<String, String> environment) {
    List<String> names = new ArrayList<>(servedModelNames);
    names.removeIf(String::isBlank);
    return names.isEmpty()
        ? List.of(firstOf(model, environment.get("SIM_MODEL"), "simulated"))
        : names;
  }

  private static String firstOf(
      @Nullable String flag, @Nullable String variable, String otherwise) {
    if (flag != null) {
      return flag;
    }
    return variable == null || variable.isEmpty() ? otherwise : variable;
  }

  private static void require(boolean isRight, String sentence) {
    if (!isRight) {
      throw new IllegalArgumentException(sentence);
    }
  }
}
