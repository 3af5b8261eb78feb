package ai.llmd.epp.acceptance.stack;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** A real vLLM on the CPU with a tiny model, two adapters and KV events. */
public final class VllmProcess implements AutoCloseable {

  /** The model that it serves. */
  public static final String MODEL = "tiny";

  /** Adapters on it, by the names that requests ask for. */
  public static final List<String> ADAPTERS = List.of("l1", "l2");

  /** Tokens of a block. */
  public static final int BLOCK = 32;

  private static final String HOME = "VLLM_CPU_HOME";
  private static final Duration STARTS_WITHIN = Duration.ofMinutes(5);

  private final ChildProcess process;
  private final int port;

  private VllmProcess(ChildProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Skips the test where there is none: it takes 6 GB, and is fetched by hand. */
  public static Path require() {
    Optional<String> home = Optional.ofNullable(System.getenv(HOME));
    Assumptions.assumeTrue(
        home.isPresent(), HOME + " is not set: src/test/scripts/real-vllm/install fetches a vLLM");
    return Path.of(home.orElseThrow()).toAbsolutePath();
  }

  /**
   * Returns at once; see {@link #awaitReady}.
   *
   * @param publishing where events go: with {@code *} for its host it listens there, else connects
   * @param replay port from which it sends again what it has published
   */
  static VllmProcess start(String publishing, int replay, Path folder) {
    Path home = require();
    int port = FreePorts.one();
    List<String> command = new ArrayList<>(environment(home));
    command.addAll(
        List.of(
            home.resolve("venv/bin/vllm").toString(),
            "serve",
            home.resolve("models").resolve(MODEL).toString(),
            "--load-format=dummy",
            "--served-model-name=" + MODEL,
            "--host=127.0.0.1",
            "--port=" + port,
            "--max-model-len=8192",
            "--enforce-eager",
            "--dtype=bfloat16",
            "--enable-prefix-caching",
            "--block-size=" + BLOCK,
            "--num-gpu-blocks-override=600",
            "--max-num-seqs=16",
            "--seed=1",
            "--enable-prompt-tokens-details",
            "--enable-scale-out",
            "--enable-lora",
            "--max-loras=2",
            "--max-lora-rank=8",
            "--lora-modules"));
    ADAPTERS.forEach(name -> command.add(name + "=" + home.resolve("models").resolve(name)));
    command.add(
        """
        --kv-events-config={"enable_kv_cache_events":true,"publisher":"zmq","endpoint":"%s",\
        "replay_endpoint":"tcp://127.0.0.1:%d","topic":"kv@127.0.0.1:%d@%s"}\
        """
            .formatted(publishing, replay, port, MODEL));
    return new VllmProcess(ChildProcess.start("vllm-" + port, folder, command), port);
  }

  private static List<String> environment(Path home) {
    return List.of(
        "/usr/bin/env",
        "HF_HUB_OFFLINE=1",
        "TRANSFORMERS_OFFLINE=1",
        "VLLM_NO_USAGE_STATS=1",
        "DO_NOT_TRACK=1",
        "VLLM_CPU_KVCACHE_SPACE=1",
        "VLLM_CPU_OMP_THREADS_BIND=nobind",
        "OMP_NUM_THREADS=1",
        "PYTHONHASHSEED=0",
        "PATH=" + home.resolve("venv/bin") + ":" + System.getenv("PATH"));
  }

  /** Waits until it serves. */
  public VllmProcess awaitReady() {
    Client client = new Client(port);
    process.awaitReady(() -> client.isOk("/health"), STARTS_WITHIN);
    return this;
  }

  /** For clients. */
  public int port() {
    return port;
  }

  /** Kills it and its children. */
  @Override
  public void close() {
    process.close();
  }
}
