package ai.llmd.epp.configuration.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.llmd.epp.domain.plugins.DomainPlugins;
import java.util.List;
import org.junit.jupiter.api.Test;

class PluginRegistryTest {

  @Test
  void findsTheCataloguesOnTheClassPath() {
    assertThat(PluginRegistry.discover().names())
        .contains("queue-scorer", "max-score-picker", "fcfs-ordering-policy");
  }

  @Test
  void refusesANameThatIsListedTwice() {
    assertThatThrownBy(() -> PluginRegistry.of(List.of(new DomainPlugins(), new DomainPlugins())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("\"single-profile-handler\" is listed twice");
  }

  @Test
  void everyTypeOfTheDomainIsOneOfTheReference() {
    assertThat(UpstreamTypes.ALL)
        .hasSize(97)
        .containsAll(PluginRegistry.of(List.of(new DomainPlugins())).names());
  }
}
