package ai.llmd.epp.adapter.tokenizers.local;

import ai.llmd.epp.adapter.tokenizers.jinja.None;
import ai.llmd.epp.application.port.out.PromptTokenizer;
import ai.llmd.epp.application.port.out.PromptTokenizers;
import ai.llmd.epp.domain.calls.WithoutResultException;
import ai.llmd.epp.domain.request.ApiKind;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds the tokens of prompts by the model's own files, on a few threads of its own. A chat's
 * prompt is taken apart where special tokens begin; parts that were seen lately are not tokenized
 * again, so that a longer turn of a conversation costs what is new in it.
 */
public final class LocalTokenizer implements PromptTokenizer {

  /** Requests that wait for a thread. */
  private static final int MAX_QUEUED = 256;

  /** Longest part that is tokenized at once, in characters: it cannot be interrupted. */
  private static final int MAX_PART = 8 << 20;

  private static final Duration IDLE = Duration.ofSeconds(30);

  private final TokenizerFile tokenizer;
  private final ChatRenderer chats;
  private final UnaryOperator<byte[]> messagesToChat;
  private final UnaryOperator<byte[]> responsesToChat;
  private final PartCache parts;
  private final ThreadPoolExecutor threads;
  private final Duration timeout;

  /**
   * Reads the files.
   *
   * @param messagesToChat makes a request of the Messages API a chat completion
   * @param responsesToChat the same for the Responses API
   * @param now the time, where a template asks for it
   * @throws IllegalArgumentException if a file cannot be read or used
   */
  public LocalTokenizer(
      PromptTokenizers.Local settings,
      UnaryOperator<byte[]> messagesToChat,
      UnaryOperator<byte[]> responsesToChat,
      Supplier<LocalDateTime> now) {
    ModelFiles files = ModelFiles.find(settings.tokenizer(), settings.chatTemplate(), now);
    this.chats = new ChatRenderer(files, settings.contentFormat());
    this.tokenizer = TokenizerFile.read(files.tokenizer());
    this.messagesToChat = messagesToChat;
    this.responsesToChat = responsesToChat;
    this.parts = new PartCache(settings.maxKeptBytes(), settings.secret());
    this.timeout = settings.timeout();
    int processors = Runtime.getRuntime().availableProcessors();
    int count = settings.threads() > 0 ? settings.threads() : Math.max(1, processors / 2);
    this.threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE.toSeconds(),
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_QUEUED),
            Thread.ofPlatform().daemon().name("tokenizer-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  @Override
  public boolean reads(ApiKind api) {
    return switch (api) {
      case COMPLETIONS -> true;
      case CHAT_COMPLETIONS, MESSAGES, RESPONSES -> chats.isThere();
      default -> false;
    };
  }

  @Override
  public Duration limit(ApiKind api) {
    return timeout;
  }

  @Override
  public List<Tokens> tokenize(Asked asked) throws InterruptedException {
    Future<List<Tokens>> found;
    try {
      found = threads.submit(() -> find(asked));
    } catch (RejectedExecutionException e) {
      throw new WithoutResultException("has too many prompts to tokenize at once");
    }
    try {
      return found.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new WithoutResultException("did not come to it within " + timeout.toMillis() + " ms");
    } catch (CancellationException e) {
      throw new WithoutResultException("is closed");
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } finally {
      found.cancel(true);
    }
  }

  private static RuntimeException failure(@Nullable Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof WithoutResultException known
        ? new WithoutResultException(known.reason())
        : new IllegalStateException(cause);
  }

  private List<Tokens> find(Asked asked) throws InterruptedException {
    return switch (asked.api()) {
      case COMPLETIONS -> completions(JsonValues.readObject(asked.body()));
      case CHAT_COMPLETIONS -> chat(asked.body());
      case MESSAGES -> chat(messagesToChat.apply(asked.body()));
      case RESPONSES -> chat(responsesToChat.apply(asked.body()));
      default -> throw new WithoutResultException("cannot render this API");
    };
  }

  private List<Tokens> chat(byte[] json) throws InterruptedException {
    Map<String, Object> body = JsonValues.readObject(json);
    String prompt = chats.render(body);
    boolean isWhole = Boolean.TRUE.equals(body.get("add_special_tokens"));
    return List.of(new Tokens(isWhole ? encode(prompt, true) : encodeParts(prompt), List.of()));
  }

  private List<Tokens> completions(Map<String, Object> body) {
    boolean isOther =
        !(body.getOrDefault("truncate_prompt_tokens", None.NONE) instanceof None)
            || !(body.getOrDefault("prompt_embeds", None.NONE) instanceof None);
    if (isOther) {
      throw new WithoutResultException("cannot tokenize this request by itself");
    }
    boolean isWhole = !Boolean.FALSE.equals(body.get("add_special_tokens"));
    Object prompt = body.getOrDefault("prompt", None.NONE);
    if (prompt instanceof List<?> several && !several.isEmpty() && !isIds(several)) {
      List<Tokens> prompts = new ArrayList<>();
      several.forEach(each -> prompts.add(completion(each, isWhole)));
      return prompts;
    }
    return List.of(completion(prompt, isWhole));
  }

  private static boolean isIds(List<?> prompt) {
    return !prompt.isEmpty() && prompt.stream().allMatch(Long.class::isInstance);
  }

  private Tokens completion(Object prompt, boolean isWhole) {
    int[] ids =
        switch (prompt) {
          case String text -> encode(text, isWhole);
          case List<?> given when isIds(given) ->
              given.stream().mapToInt(id -> unsigned((Long) id)).toArray();
          default -> throw new WithoutResultException("cannot tokenize this request by itself");
        };
    return new Tokens(ids, List.of());
  }

  private static int unsigned(long id) {
    if (id < 0 || id > 0xffffffffL) {
      throw new WithoutResultException("cannot tokenize this request by itself");
    }
    return (int) id;
  }

  private int[] encodeParts(String prompt) throws InterruptedException {
    List<String> split = tokenizer.specialTokens().split(prompt);
    int[][] found = new int[split.size()][];
    int count = 0;
    for (int i = 0; i < found.length; i++) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      found[i] = encodePart(split.get(i));
      count += found[i].length;
    }
    int[] ids = new int[count];
    int at = 0;
    for (int[] part : found) {
      System.arraycopy(part, 0, ids, at, part.length);
      at += part.length;
    }
    return ids;
  }

  private int[] encodePart(String part) {
    PartCache.Key key = parts.key(part);
    int[] known = parts.get(key);
    if (known != null) {
      return known;
    }
    int[] ids = encode(part, false);
    parts.put(key, ids);
    return ids;
  }

  private int[] encode(String text, boolean isWhole) {
    if (text.length() > MAX_PART) {
      throw new WithoutResultException("does not tokenize texts of that length");
    }
    return tokenizer.encode(text, isWhole);
  }

  /** Bytes of the tokens of parts that are kept. */
  long keptBytes() {
    return parts.bytes();
  }

  @Override
  public void close() {
    threads.shutdownNow();
    tokenizer.close();
  }
}
