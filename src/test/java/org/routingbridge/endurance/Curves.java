package org.routingbridge.endurance;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.ToDoubleFunction;

import org.jfree.chart.ChartUtils;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogarithmicAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.plot.CombinedDomainXYPlot;
import org.jfree.chart.plot.IntervalMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.Layer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** A run as a picture: one curve above the other over the same minutes, with the faults as grey bands behind them. */
final class Curves {

    private static final int WIDTH = 1400;
    private static final int HEIGHT = 1250;
    private static final double MEGA = 1e6;
    private static final Color BAND = new Color(0, 0, 0, 24);
    private static final List<Color> INKS = List.of(new Color(0x1f77b4), new Color(0xd62728), new Color(0x2ca02c));

    private final CombinedDomainXYPlot plots = new CombinedDomainXYPlot(new NumberAxis("minutes"));
    private final List<SoakReport.Sample> samples;
    private final List<FaultCalendar.Spell> spells;

    private Curves(List<SoakReport.Sample> samples, List<FaultCalendar.Spell> spells) {
        this.samples = samples;
        this.spells = spells;
    }

    static void draw(SoakReport report, Path file) throws IOException {
        Curves curves = new Curves(report.samples(), report.spells());
        curves.add("MB", false,
                curves.series("resident", sample -> sample.vitals().residentBytes() / MEGA),
                curves.series("heap in use", sample -> sample.vitals().heapBytes() / MEGA),
                curves.series("store's log", sample -> sample.vitals().logBytes() / MEGA));
        curves.add("threads", false, curves.series("threads", sample -> sample.vitals().threads()));
        curves.add("descriptors", false, curves.series("descriptors", sample -> sample.vitals().descriptors()));
        curves.add("waiting", false, curves.series("events in the outbox", sample -> sample.vitals().pending()),
                curves.series("notifications", sample -> sample.vitals().notifications()));
        curves.add("ms", true, curves.series("p99", SoakReport.Sample::p99Millis),
                curves.series("p50", SoakReport.Sample::p50Millis));
        JFreeChart chart = new JFreeChart(report.title(), curves.plots);
        chart.setBackgroundPaint(Color.WHITE);
        ChartUtils.saveChartAsPNG(file.toFile(), chart, WIDTH, HEIGHT);
    }

    private XYSeries series(String name, ToDoubleFunction<SoakReport.Sample> value) {
        XYSeries series = new XYSeries(name);
        samples.forEach(sample -> series.add(minutes(sample.vitals().at()), value.applyAsDouble(sample)));
        return series;
    }

    private void add(String unit, boolean logarithmic, XYSeries... series) {
        XYSeriesCollection all = new XYSeriesCollection();
        XYLineAndShapeRenderer lines = new XYLineAndShapeRenderer(true, false);
        for (int i = 0; i < series.length; i++) {
            all.addSeries(series[i]);
            lines.setSeriesPaint(i, INKS.get(i));
        }
        NumberAxis axis = logarithmic ? logarithmic(unit) : new NumberAxis(unit);
        XYPlot plot = new XYPlot(all, null, axis, lines);
        plot.setBackgroundPaint(Color.WHITE);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        spells.forEach(spell -> plot.addDomainMarker(
                new IntervalMarker(minutes(spell.from()), minutes(spell.to()), BAND), Layer.BACKGROUND));
        plots.add(plot);
    }

    private static NumberAxis logarithmic(String unit) {
        LogarithmicAxis axis = new LogarithmicAxis(unit);
        axis.setStrictValuesFlag(false);
        return axis;
    }

    private static double minutes(Duration time) {
        return time.toMillis() / 60e3;
    }
}
