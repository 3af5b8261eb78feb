package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever is run or loaded in the images is for the processor that they declare, and complete. */
@ParameterizedClass
@ValueSource(strings = {"epp.image.tar", "epp.sidecar.image.tar"})
class ArchitectureIT {

  @Parameter private String archive = "";

  private FinishedImage image() throws IOException {
    return FinishedImage.read(Path.of(System.getProperty(archive)));
  }

  private Map<String, ElfFile> binaries() throws IOException {
    Map<String, ElfFile> binaries = new TreeMap<>();
    for (Map.Entry<String, byte[]> file : image().files(path -> true).entrySet()) {
      Optional<ElfFile> elf = ElfFile.read(file.getValue());
      elf.ifPresent(one -> binaries.put(file.getKey(), one));
    }
    return binaries;
  }

  @Test
  void declaresWhatItWasMadeFor() throws IOException {
    assertThat(image().architecture()).isEqualTo(FinishedImage.wantedArchitecture());
    assertThat(image().configuration().get("os").asString()).isEqualTo("linux");
  }

  @Test
  void everyBinaryIsForItsProcessor() throws IOException {
    int machine = image().architecture().machine();

    assertThat(binaries())
        .containsKeys("/opt/java/bin/java", "/opt/java/lib/server/libjvm.so")
        .allSatisfy((path, elf) -> assertThat(elf.machine()).as(path).isEqualTo(machine));
    assertThat(binaries().keySet())
        .as("Netty need not unpack one")
        .contains(
            "/usr/lib/libnetty_transport_native_epoll_"
                + image().architecture().classifier()
                + ".so");
  }

  @Test
  void everyBinaryFindsItsLibrariesAndItsLoader() throws IOException {
    Map<String, ElfFile> binaries = binaries();
    Set<String> names = new HashSet<>();
    binaries.keySet().forEach(path -> names.add(path.substring(path.lastIndexOf('/') + 1)));

    assertThat(binaries)
        .allSatisfy(
            (path, elf) -> {
              assertThat(names).as(path).containsAll(elf.needed());
              if (!elf.loader().isEmpty()) {
                assertThat(binaries).as(path).containsKey(elf.loader());
              }
            });
  }
}
