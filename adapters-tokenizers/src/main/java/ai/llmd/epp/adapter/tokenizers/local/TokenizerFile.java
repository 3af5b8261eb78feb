package ai.llmd.epp.adapter.tokenizers.local;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import ai.llmd.epp.domain.calls.WithoutResultException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A model's {@code tokenizer.json}, loaded. Any thread, several at once; each call computes on the
 * thread that makes it.
 */
final class TokenizerFile implements AutoCloseable {

  private static final int[] NONE = {};

  /** Largest file that is read, in bytes: those of vocabularies of 260,000 tokens have 35 MB. */
  private static final long MAX_FILE_BYTES = 256L << 20;

  private final TokenizersLibrary library;
  private final long handle;
  private final SpecialTokens specialTokens;
  private final ReadWriteLock use = new ReentrantReadWriteLock(); // written to close
  private boolean isClosed; // guarded by use

  private TokenizerFile(TokenizersLibrary library, long handle, SpecialTokens specialTokens) {
    this.library = library;
    this.handle = handle;
    this.specialTokens = specialTokens;
  }

  /**
   * Reads a file. What it tells about truncation and padding does not count, as it does not count
   * for model servers.
   *
   * @throws IllegalArgumentException if it is no tokenizer, or the library cannot be loaded
   */
  static TokenizerFile read(Path file) {
    byte[] json;
    try {
      if (Files.size(file) > MAX_FILE_BYTES) {
        throw new IllegalArgumentException(file + " is larger than 256 MiB");
      }
      json = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
    }
    try {
      return of(json);
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(file + " is no tokenizer: " + e.getMessage(), e);
    }
  }

  /** The same, from the file's content. */
  static TokenizerFile of(byte[] json) {
    SpecialTokens specialTokens = SpecialTokens.of(json);
    TokenizersLibrary library = NativeTokenizers.library();
    long handle = library.createTokenizerFromString(new String(json, StandardCharsets.UTF_8));
    library.disableTruncation(handle);
    library.disablePadding(handle);
    return new TokenizerFile(library, handle, specialTokens);
  }

  /** Tokens that split any text that they stand in. */
  SpecialTokens specialTokens() {
    return specialTokens;
  }

  /**
   * The ids of a text's tokens, unsigned.
   *
   * @param isWhole whether the tokens that the model wants before and behind a text are added
   * @throws WithoutResultException if the tokenizer is closed, or cannot read the text
   */
  int[] encode(String text, boolean isWhole) {
    if (text.isEmpty() && !isWhole) {
      return NONE;
    }
    use.readLock().lock();
    try {
      if (isClosed) {
        throw new WithoutResultException("is closed");
      }
      long encoding = library.encode(handle, text, isWhole);
      try {
        return ids(library.getTokenIds(encoding));
      } finally {
        library.deleteEncoding(encoding);
      }
    } catch (WithoutResultException e) {
      throw e;
    } catch (RuntimeException e) { // the library's message may quote the text
      throw new WithoutResultException("cannot tokenize this text");
    } finally {
      use.readLock().unlock();
    }
  }

  private static int[] ids(long[] wide) {
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) wide[i];
    }
    return ids;
  }

  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (!isClosed) {
        isClosed = true;
        library.deleteTokenizer(handle);
      }
    } finally {
      use.writeLock().unlock();
    }
  }
}
