/**
 * Plugins as a configuration knows them: their kinds, their types, and instances that are built.
 */
@NullMarked
package ai.llmd.epp.configuration.plugin;

import org.jspecify.annotations.NullMarked;
