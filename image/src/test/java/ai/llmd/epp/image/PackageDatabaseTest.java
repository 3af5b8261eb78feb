package ai.llmd.epp.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackageDatabaseTest {

  private static final String LIBC = "/lib/x86_64-linux-gnu/libc.so.6";

  @TempDir private Path root;

  private void write(String path, String text) throws IOException {
    Path file = root.resolve("var/lib/dpkg").resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private String owner(String... names) throws IOException {
    return PackageDatabase.read(root)
        .owner(List.of(names))
        .map(found -> found.name() + " " + found.version() + " " + found.architecture())
        .orElse("none");
  }

  private void install(String list, String file) throws IOException {
    write(
        "status",
        """
        Package: libc6
        Status: install ok installed
        Architecture: amd64
        Source: glibc (2.36-9)
        Version: 2.36-9+deb12u14
        Description: GNU C Library
         Contains the libraries
         .
         that nearly all programs use.

        Package: libc6
        Status: install ok installed
        Architecture: i386
        Version: 2.36-9+deb12u10

        Package: gone
        Status: deinstall ok config-files
        Architecture: all
        Version: 1
        """);
    write("info/" + list, "/.\n" + file + "\n");
  }

  @Test
  void knowsWhoseFileItIs() throws IOException {
    install("libc6:amd64.list", LIBC);

    assertThat(owner(LIBC)).isEqualTo("libc6 2.36-9+deb12u14 amd64");
    assertThat(owner("/lib/other.so")).isEqualTo("none");
  }

  @Test
  void tellsArchitecturesOfOnePackageApart() throws IOException {
    install("libc6:i386.list", "/lib/i386-linux-gnu/libc.so.6");

    assertThat(owner("/lib/i386-linux-gnu/libc.so.6")).isEqualTo("libc6 2.36-9+deb12u10 i386");
  }

  @Test
  void takesBothSpellingsOfAMergedFolder() throws IOException {
    install("libc6:amd64.list", LIBC);
    assertThat(owner("/usr" + LIBC)).isEqualTo("libc6 2.36-9+deb12u14 amd64");

    install("libc6:amd64.list", "/usr" + LIBC);
    assertThat(owner(LIBC)).isEqualTo("libc6 2.36-9+deb12u14 amd64");
  }

  @Test
  void takesTheNameThatALinkLeadsTo() throws IOException {
    install("libc6:amd64.list", "/lib/libc-2.36.so");

    assertThat(owner("/lib/libc.so.6", "/usr/lib/libc-2.36.so"))
        .isEqualTo("libc6 2.36-9+deb12u14 amd64");
  }

  @Test
  void knowsNothingOfAPackageThatWasRemoved() throws IOException {
    install("gone.list", "/etc/gone.conf");

    assertThat(owner("/etc/gone.conf")).isEqualTo("none");
  }

  @Test
  void readsWhatDistrolessImagesHave() throws IOException {
    write("status.d/libc6", "Package: libc6\nVersion: 2.41-12\nArchitecture: arm64\n");
    write(
        "status.d/libc6.md5sums",
        "d41d8cd98f00b204e9800998ecf8427e  usr/lib/aarch64-linux-gnu/libc.so.6\n");

    assertThat(owner("/lib/aarch64-linux-gnu/libc.so.6")).isEqualTo("libc6 2.41-12 arm64");
  }

  @Test
  void isEmptyOnASystemWithoutIt() throws IOException {
    assertThat(owner(LIBC)).isEqualTo("none");
  }

  @Test
  void namesPackagesAsScannersDo() throws IOException {
    install("libc6:amd64.list", LIBC);
    DebianPackage libc = PackageDatabase.read(root).owner(List.of(LIBC)).orElseThrow();

    assertThat(libc.url("debian", "12"))
        .isEqualTo(
            "pkg:deb/debian/libc6@2.36-9%2Bdeb12u14?arch=amd64&distro=debian-12&upstream=glibc");
  }
}
