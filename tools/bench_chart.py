"""Draws bench_table.py's results with gnuplot: a bar for each program's time, in multiples of the limit."""
import subprocess

COLOURS = {'unroll': '#1f6fb4', 'oneDNN': '#e08214', 'PyTorch': '#b2182b', 'TensorFlow': '#8073ac', 'JAX': '#5aae61'}
TOP = 5  # higher bars are cut off and say how high they are


def milliseconds(ms):
    return f'{ms:.0f}' if ms >= 100 else f'{ms:.3g}'


def panel(table, names, threads, key):
    """Commands for one number of threads; `table` is (title, limit in ms, {name: ms}) of each case."""
    width, blocks, plots = len(names) + 1, [], []
    for place, name in enumerate(names):
        rows = []
        for group, (_, limit, times) in enumerate(table):
            if name in times:
                height, label = times[name] / limit, milliseconds(times[name])
                if height > TOP:
                    label += f' ({height:.0f}x)'
                rows.append(f'{group * width + place} {min(height, TOP):.4f} "{label}"')
        if not rows:
            continue
        block = f'$p{threads}_{place}'
        blocks.append(f'{block} << EOD\n' + '\n'.join(rows) + '\nEOD')
        title = f'title "{name}"' if key else 'notitle'
        plots.append(f'{block} using 1:2:(0.92) with boxes fs solid noborder lc rgb "{COLOURS[name]}" {title}')
        plots.append(f'{block} using 1:($2+0.08):3 with labels rotate by 90 left font ",11" notitle')
    plots.append('1 with lines lw 1.5 dt 2 lc rgb "#000000" ' + ('title "limit of this machine"' if key else 'notitle'))
    tics = ', '.join(f'"{title}\\nlimit {milliseconds(limit)} ms" {group * width + (len(names) - 1) / 2}'
                     for group, (title, limit, _) in enumerate(table))
    text = f'{threads} thread' + ('s' if threads > 1 else '')
    return '\n'.join(blocks + [f'set title "{text}" font ",14" offset graph -0.45,0', f'set xrange [-1:{len(table) * width - 1}]',
                               f'set xtics ({tics})', 'plot ' + ', '.join(plots)])


def draw(path, heading, tables, names):
    """`tables`: number of threads to its table."""
    width = max(900, 160 + len(next(iter(tables.values()))) * max(105, 24 * (len(names) + 1)))
    script = f'''set terminal svg size {width},{90 + 330 * len(tables)} font "sans-serif,12" background "#ffffff"
set output "{path}"
set encoding utf8
set multiplot layout {len(tables)},1 title "{heading}" font ",15" margins 0.07,0.98,0.11,0.87 spacing 0,0.19
set yrange [0:{TOP + 2}]
set ytics 0,1,{TOP}
set ylabel "time / limit (cut at {TOP})"
set grid ytics lc rgb "#dddddd"
set border 3
set tics nomirror out
set xtics font ",10"
set key at graph 1,1.17 right top horizontal samplen 2 width 1
''' + '\n'.join(panel(table, names, threads, index == 0) for index, (threads, table) in enumerate(tables.items())) + '\n'
    subprocess.run(['gnuplot'], input=script, text=True, check=True)
