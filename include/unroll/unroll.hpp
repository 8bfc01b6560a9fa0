#pragma once
// Everything a program needs that builds and trains recurrent networks.
