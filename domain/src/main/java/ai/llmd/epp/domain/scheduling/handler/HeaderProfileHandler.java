package ai.llmd.epp.domain.scheduling.handler;

import ai.llmd.epp.domain.catalogue.PluginType;
import ai.llmd.epp.domain.scheduling.ProfileHandler;
import ai.llmd.epp.domain.scheduling.ProfileResults;
import ai.llmd.epp.domain.scheduling.SchedulingCycle;
import ai.llmd.epp.domain.scheduling.SchedulingProfile;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Runs the profile that a request header names, for coordinators that ask once for each stage. When
 * there is one profile only, it runs whatever the header.
 */
public final class HeaderProfileHandler implements ProfileHandler {

  public static final PluginType<Parameters> TYPE =
      PluginType.of("header-profile-handler", new Parameters("", ""), HeaderProfileHandler::new)
          .alpha();

  /**
   * Where the profile's name comes from.
   *
   * @param headerName name of the header, upper and lower case alike; blank is {@code epp-profile}
   * @param defaultProfile profile of requests without the header; blank is {@code decode}
   */
  public record Parameters(String headerName, String defaultProfile) {

    public Parameters {
      headerName = headerName.isBlank() ? "epp-profile" : headerName.strip();
      headerName = headerName.toLowerCase(Locale.ROOT);
      defaultProfile = defaultProfile.isBlank() ? "decode" : defaultProfile.strip();
    }
  }

  private final Parameters parameters;

  public HeaderProfileHandler(Parameters parameters) {
    this.parameters = parameters;
  }

  @Override
  public List<SchedulingProfile> pick(
      SchedulingCycle cycle, Collection<SchedulingProfile> profiles, ProfileResults results) {
    if (!results.isEmpty()) {
      return List.of();
    }
    return profiles.size() == 1
        ? List.copyOf(profiles)
        : Stages.profile(profiles, profileFor(cycle));
  }

  private String profileFor(SchedulingCycle cycle) {
    @Nullable String asked = cycle.request().headers().value(parameters.headerName());
    return asked == null || asked.isBlank() ? parameters.defaultProfile() : asked.strip();
  }

  @Override
  public Outcome process(SchedulingCycle cycle, ProfileResults results) {
    return Stages.onlyResult(results);
  }
}
