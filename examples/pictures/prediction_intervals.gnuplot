set datafile separator ','
set xlabel 'step'
plot 'intervals.csv' using 1:3:5 with filledcurves lc rgb '#c6dcee' title '5 % to 95 %', \
     'intervals.csv' using 1:4 with lines lw 2 lc rgb '#1f6fb4' title 'median', \
     'intervals.csv' using 1:2 with points pt 7 ps 0.4 lc rgb '#d95f02' title 'truth'
