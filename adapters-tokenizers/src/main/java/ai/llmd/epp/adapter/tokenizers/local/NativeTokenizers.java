package ai.llmd.epp.adapter.tokenizers.local;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * Hugging Face's tokenizers, a native library. Loaded when it is first asked for, and at no other
 * time: from a folder of {@code java.library.path}, as in the container image, else out of its jar
 * by way of the temporary folder, where nothing of it stays. Never downloaded.
 */
final class NativeTokenizers {

  private static final String NAME = "tokenizers";

  private NativeTokenizers() {}

  /** Loads it once; the class that is initialized late has the result. */
  private static final class Loaded {

    static final TokenizersLibrary LIBRARY = load();

    private static TokenizersLibrary load() {
      try {
        System.loadLibrary(NAME);
      } catch (UnsatisfiedLinkError absent) {
        unpack();
      }
      return TokenizersLibrary.LIB;
    }

    private static void unpack() {
      String resource = resource();
      try (InputStream in =
          TokenizersLibrary.class.getClassLoader().getResourceAsStream(resource)) {
        if (in == null) {
          throw new UnsatisfiedLinkError("has no " + resource);
        }
        Path file = Files.createTempFile("tokenizers", ".so");
        try {
          Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
          System.load(file.toString());
        } finally {
          Files.delete(file); // it is mapped, and needs its name no more
        }
      } catch (IOException e) {
        throw linkError("cannot be unpacked into " + System.getProperty("java.io.tmpdir"), e);
      }
    }

    private static UnsatisfiedLinkError linkError(String message, IOException cause) {
      UnsatisfiedLinkError error = new UnsatisfiedLinkError(message);
      error.initCause(cause);
      return error;
    }

    private static String resource() {
      String processor = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
      String named =
          switch (processor) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "aarch64";
            default -> processor;
          };
      String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
      return "native/lib/"
          + (system.startsWith("mac") ? "osx-" + named : system + "-" + named)
          + "/cpu/"
          + System.mapLibraryName(NAME);
    }
  }

  /**
   * The library.
   *
   * @throws IllegalArgumentException if this machine cannot load it
   */
  static TokenizersLibrary library() {
    try {
      return Loaded.LIBRARY;
    } catch (LinkageError e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(
          "the native tokenizer library cannot be loaded: " + cause.getMessage(), e);
    }
  }
}
