package ai.llmd.epp.simulator.transfer;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import ai.llmd.epp.simulator.openai.CompletionRequest;
import ai.llmd.epp.simulator.openai.TokenPrompt;
import ai.llmd.epp.simulator.openai.TransferAnswer;
import ai.llmd.epp.simulator.settings.KvTransfer;
import ai.llmd.epp.simulator.settings.KvTransfer.Connector;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One server's share in transfers of KV blocks: keeps what was computed for others, and has from
 * others what was computed there. No block exists; what is exchanged is whose prompt it was, so
 * that blocks of a wrong prompt are found out. Belongs to the server's event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // fetching never fails
public final class BlockTransfers {

  /** What became of a fetch. */
  public enum Outcome {
    /** The blocks are here. */
    FETCHED,
    /** They cannot be had, and the prompt has to be computed here. */
    RECOMPUTE,
    /** They cannot be had, and the request fails. */
    FAILED,
    /** They belong to another prompt. */
    WRONG
  }

  private static final int RETRY_MILLIS = 5;
  private static final int GOLDEN = 0x9E3779B9;

  private final KvTransfer settings;
  private final int blockTokens;
  private final ScheduledExecutorService loop;
  private final BlockFetcher fetcher = new BlockFetcher();
  private final HeldBlocks held = new HeldBlocks();
  private final String engineId = UUID.randomUUID().toString();
  private int port;
  private int nextBlock;
  private long produced;
  private long sent;
  private long received;
  private long recomputed;
  private long failed;
  private long wrong;

  /**
   * For a server.
   *
   * @param blockTokens tokens of a block
   * @param loop on which everything here happens
   */
  public BlockTransfers(KvTransfer settings, int blockTokens, ScheduledExecutorService loop) {
    this.settings = settings;
    this.blockTokens = blockTokens;
    this.loop = loop;
  }

  /** Tells the port by which other servers reach this one. */
  public void listensOn(int port) {
    this.port = port;
  }

  /** New with every start, as an engine's. */
  public String engineId() {
    return engineId;
  }

  /**
   * What a request has the server do.
   *
   * @throws ai.llmd.epp.simulator.openai.InvalidRequestException when no engine could follow it
   */
  public Assignment assignment(CompletionRequest request) {
    return Assignments.of(settings, request.transfer());
  }

  /** Whether a prompt is computed with one token, whatever the request asks for. */
  public boolean isOneToken() {
    return settings.connector() == Connector.SGLANG;
  }

  /**
   * Keeps the blocks of a prompt that has been computed.
   *
   * @return what the answer tells of them; null when the other server knows
   */
  public @Nullable TransferAnswer keep(CompletionRequest request, Assignment.Produce wanted) {
    produced++;
    String key = wanted.key().isEmpty() ? UUID.randomUUID().toString() : wanted.key();
    int blocks = blocks(request);
    held.keep(key, new HeldBlocks.Blocks(hash(request), blocks, System.nanoTime()));
    int first = nextBlock;
    nextBlock = (nextBlock + blocks) & 0xFFFFF;
    return settings.connector() == Connector.NIXL
        ? new TransferAnswer(engineId, key, first, blocks, settings.host(), port)
        : null;
  }

  /** Has the blocks from the other server; the outcome comes later, on the loop. */
  public void fetch(
      CompletionRequest request, Assignment.Consume wanted, Consumer<Outcome> whenDone) {
    attempt(request, wanted, System.nanoTime() + settings.longestWait().toNanos(), whenDone);
  }

  private void attempt(
      CompletionRequest request,
      Assignment.Consume wanted,
      long endNanos,
      Consumer<Outcome> whenDone) {
    fetcher
        .fetch(wanted)
        .thenAcceptAsync(
            fetched -> {
              boolean mayStillCome =
                  fetched.kind() == BlockFetcher.Kind.UNKNOWN && wanted.blocks() < 0;
              if (mayStillCome && System.nanoTime() - endNanos < 0) {
                loop.schedule(
                    () -> attempt(request, wanted, endNanos, whenDone), RETRY_MILLIS, MILLISECONDS);
              } else {
                whenDone.accept(outcome(request, wanted, fetched));
              }
            },
            loop);
  }

  private Outcome outcome(
      CompletionRequest request, Assignment.Consume wanted, BlockFetcher.Fetched fetched) {
    if (fetched.kind() != BlockFetcher.Kind.HERE) {
      if (settings.isFailing()) {
        failed++;
        return Outcome.FAILED;
      }
      recomputed++;
      return Outcome.RECOMPUTE;
    }
    boolean isRight =
        fetched.prompt() == hash(request)
            && (wanted.blocks() < 0 || wanted.blocks() == fetched.blocks());
    if (!isRight) {
      wrong++;
      return Outcome.WRONG;
    }
    received++;
    return Outcome.FETCHED;
  }

  /**
   * What another server gets that asks for blocks.
   *
   * @param status of the answer
   */
  public record Handed(int status, String text) {}

  /** Hands blocks to another server, once. */
  public Handed hand(String key, String askedEngine) {
    if (!askedEngine.isEmpty() && !askedEngine.equals(engineId)) {
      return new Handed(409, "this is engine " + engineId);
    }
    HeldBlocks.Blocks blocks = held.take(key);
    if (blocks == null) {
      return new Handed(404, "no blocks under this key");
    }
    sent++;
    return new Handed(200, String.format(Locale.ROOT, "%016x %d", blocks.prompt(), blocks.count()));
  }

  private int blocks(CompletionRequest request) {
    return (request.promptTokens() + blockTokens - 1) / blockTokens;
  }

  private static long hash(CompletionRequest request) {
    long hash = request.model().hashCode();
    for (TokenPrompt prompt : request.prompts()) {
      for (int token : prompt.tokens()) {
        hash = (hash ^ token) * 0x9E3779B97F4A7C15L;
        hash ^= hash >>> 32;
      }
      hash += GOLDEN; // where one prompt ends counts
    }
    return hash;
  }

  /** Prompts computed for other servers. */
  public long produced() {
    return produced;
  }

  /** Prompts whose blocks other servers fetched. */
  public long sent() {
    return sent;
  }

  /** Prompts whose blocks came from other servers. */
  public long received() {
    return received;
  }

  /** Prompts computed here because their blocks could not be had. */
  public long recomputed() {
    return recomputed;
  }

  /** Requests that failed because blocks could not be had. */
  public long failed() {
    return failed;
  }

  /** Requests refused because the blocks belong to another prompt. */
  public long wrong() {
    return wrong;
  }

  /** Prompts whose blocks are kept now. */
  public int held() {
    return held.size();
  }
}
