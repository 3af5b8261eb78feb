package ai.llmd.epp.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedIdentityTest {

  @TempDir Path directory;

  private static @Nullable Object shownBy(ServerKeys keys) {
    return keys.getPrivateKey(keys.getServerAliases("RSA", null)[0]);
  }

  private static long endOf(ServerIdentity identity) {
    return identity.chain().getFirst().getNotAfter().toInstant().getEpochSecond();
  }

  @Test
  void keepsTheOldPairUntilBothFilesOfTheNewOneAreThere() throws Exception {
    ServerIdentity first = IdentityFiles.identity();
    IdentityFiles.write(directory, first);
    ServerKeys keys = new ServerKeys(first);
    try (FollowedIdentity followed = FollowedIdentity.in(directory, keys, first)) {
      ServerIdentity second = IdentityFiles.identity();
      Files.writeString(directory.resolve("tls.crt"), "nothing of use");
      Files.writeString(directory.resolve("tls.key"), IdentityFiles.pkcs8(second));
      CertificateStatus status = followed.status();
      await().until(() -> status.refusals().getAsLong() > 0);
      assertThat(shownBy(keys)).isEqualTo(first.key());
      assertThat(status.endsAtSeconds().getAsLong()).isEqualTo(endOf(first));

      IdentityFiles.write(directory, second);
      await().until(() -> second.key().equals(shownBy(keys)));
      assertThat(status.endsAtSeconds().getAsLong()).isEqualTo(endOf(second));
      assertThat(status.file()).isEqualTo(directory.resolve("tls.crt"));
    }
  }

  @Test
  void takesOverASecretThatKubernetesSwapped() throws Exception {
    ServerIdentity first = IdentityFiles.identity();
    IdentityFiles.write(Files.createDirectory(directory.resolve("..2026_01")), first);
    Files.createSymbolicLink(directory.resolve("..data"), Path.of("..2026_01"));
    for (String file : new String[] {"tls.crt", "tls.key"}) {
      Files.createSymbolicLink(directory.resolve(file), Path.of("..data", file));
    }
    ServerKeys keys = new ServerKeys(first);
    try (FollowedIdentity followed = FollowedIdentity.in(directory, keys, first)) {
      ServerIdentity second = IdentityFiles.identity();
      IdentityFiles.write(Files.createDirectory(directory.resolve("..2026_02")), second);
      Files.createSymbolicLink(directory.resolve("..data_tmp"), Path.of("..2026_02"));
      Files.move(
          directory.resolve("..data_tmp"),
          directory.resolve("..data"),
          StandardCopyOption.ATOMIC_MOVE);
      await().until(() -> second.key().equals(shownBy(keys)));
      assertThat(followed).isNotNull();
    }
  }

  @Test
  void followsItsFolderThroughBeingMadeAnew() throws Exception {
    ServerIdentity first = IdentityFiles.identity();
    Path folder = Files.createDirectory(directory.resolve("certificates"));
    IdentityFiles.write(folder, first);
    ServerKeys keys = new ServerKeys(first);
    try (FollowedIdentity followed = FollowedIdentity.in(folder, keys, first)) {
      for (int round = 0; round < 2; round++) {
        Files.delete(folder.resolve("tls.crt"));
        Files.delete(folder.resolve("tls.key"));
        Files.delete(folder);
        ServerIdentity next = IdentityFiles.identity();
        Files.createDirectory(folder);
        IdentityFiles.write(folder, next);

        await().until(() -> next.key().equals(shownBy(keys)));
      }
      assertThat(followed).isNotNull();
    }
  }

  @Test
  void finishesAHandshakeWithTheIdentityThatItBeganWith() throws Exception {
    ServerIdentity first = IdentityFiles.identity();
    ServerIdentity second = IdentityFiles.identity();
    ServerKeys keys = new ServerKeys(first);
    String alias = keys.getServerAliases("RSA", null)[0];

    keys.show(second);

    assertThat(keys.getPrivateKey(alias)).isEqualTo(first.key());
    assertThat(keys.getCertificateChain(alias)).containsExactly(first.chain().getFirst());
    assertThat(shownBy(keys)).isEqualTo(second.key());
  }
}
