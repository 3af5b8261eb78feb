/**
 * Plugins that come in jars of their own, loaded apart from the program; and what plugins remember.
 */
@NullMarked
package ai.llmd.epp.bootstrap.plugins;

import org.jspecify.annotations.NullMarked;
