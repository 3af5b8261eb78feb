package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElfFileTest {

  private static byte[] library(Architecture architecture) throws IOException {
    String name =
        "/META-INF/native/libnetty_transport_native_epoll_" + architecture.classifier() + ".so";
    try (InputStream in = ElfFileTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  @ParameterizedTest
  @EnumSource
  void tellsProcessorAndNeededLibraries(Architecture architecture) throws IOException {
    ElfFile library = ElfFile.read(library(architecture)).orElseThrow();

    assertThat(library.machine()).isEqualTo(architecture.machine());
    assertThat(library.needed()).contains("libc.so.6");
    assertThat(library.loader()).isEmpty();
  }

  @Test
  void readsNothingElse() throws IOException {
    assertThat(ElfFile.read(new byte[0])).isEmpty();
    assertThat(ElfFile.read("#!/bin/sh\n".repeat(20).getBytes(StandardCharsets.US_ASCII)))
        .isEmpty();
  }

  @Test
  void refusesWhatIsCutOff() throws IOException {
    byte[] cut = Arrays.copyOf(library(Architecture.ARM64), 100);

    assertThatThrownBy(() -> ElfFile.read(cut)).isInstanceOf(IOException.class);
  }
}
