/**
 * What can be set: fixed at the start ({@link ai.llmd.epp.simulator.settings.ModelServerSettings})
 * or changed while a server runs ({@link ai.llmd.epp.simulator.settings.Tuning}). Everything is
 * checked when it is read, so whoever holds a setting can rely on it.
 */
@NullMarked
package ai.llmd.epp.simulator.settings;

import org.jspecify.annotations.NullMarked;
